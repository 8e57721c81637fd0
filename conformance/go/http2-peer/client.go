package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strconv"
	"sync"

	"golang.org/x/net/http2"
)

// call plays the client's part on a connection, and closes it.
func call(conn net.Conn, c *conversation) clientView {
	defer conn.Close()
	view := clientView{Exchanges: make([]*responseView, len(c.Exchanges))}
	transport := &http2.Transport{
		DisableCompression:         true,
		StrictMaxConcurrentStreams: true,
		MaxReadFrameSize:           uint32(c.Client.MaxFrameSize),
		MaxDecoderHeaderTableSize:  uint32(c.Client.HeaderTableSize),
	}
	cc, err := transport.NewClientConn(conn)
	if err == nil {
		// The answer comes behind the server's SETTINGS: from then on its limit of streams is known.
		err = cc.Ping(context.Background())
	}
	if err != nil {
		fault := err.Error()
		view.Fault = &fault
		return view
	}
	next := make(chan int)
	var playing sync.WaitGroup
	for range c.Concurrency {
		playing.Add(1)
		go func() {
			defer playing.Done()
			for index := range next {
				view.Exchanges[index] = playClient(cc, &c.Exchanges[index])
			}
		}()
	}
	for index := range c.Exchanges {
		next <- index
	}
	close(next)
	playing.Wait()
	bye, _ := http.NewRequest("GET", "http://peer.test/bye", nil)
	if response, err := cc.RoundTrip(bye); err == nil {
		response.Body.Close()
	}
	if c.GoAway != nil && c.GoAway.By == "client" {
		cc.Shutdown(context.Background())
	}
	cc.Close()
	return view
}

// playClient is what parts.ts has of that name.
func playClient(cc *http2.ClientConn, e *exchange) *responseView {
	view := &responseView{Informational: []head{}}
	heard := newDigest()
	// Closed when all of the response is heard that there is before the reset.
	atHold := make(chan struct{})
	// Closed when all of the request is written: to close the response before that would be to cancel it.
	written := make(chan struct{})
	// Closed when the request's headers are written, which name its trailers: only then may these be filled in.
	announced := make(chan struct{})
	var once, onceAnnounced sync.Once
	headersAreOut := func() { onceAnnounced.Do(func() { close(announced) }) }
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			view.Informational = append(view.Informational, head{code, fieldsOf(http.Header(header))})
			return nil
		},
		WroteHeaders: headersAreOut,
		WroteRequest: func(httptrace.WroteRequestInfo) { once.Do(func() { close(written) }) },
	})
	request := requestOf(e).WithContext(ctx)
	if e.Request.Body != nil {
		reader, writer := io.Pipe()
		request.Body = reader
		go func() {
			held := -1
			if e.Ending.Kind == "reset-amid" {
				held = e.Ending.At
			}
			for i, piece := range e.Request.Body.pieces {
				if i == held {
					<-atHold
				}
				if _, err := writer.Write(piece); err != nil {
					return
				}
			}
			if e.Ending.Kind != "reset-amid" {
				<-announced
				setFields(request.Trailer, e.Request.Trailers)
				writer.Close()
			}
		}()
	}
	response, err := cc.RoundTrip(request)
	headersAreOut()
	view.Body = heard.view()
	if err != nil {
		close(atHold)
		view.End = endOf(err)
		return view
	}
	// Resets with CANCEL what has not ended.
	defer response.Body.Close()
	view.Status, view.Fields = &response.StatusCode, fieldsOf(response.Header)
	if e.Ending.Kind == "reset-amid" {
		total := 0
		if e.Response.Body != nil {
			total = sum(e.Response.Body.Chunks)
		}
		io.CopyN(heard, response.Body, int64(total))
		if e.Ending.By == "client" {
			view.Body = heard.view()
			return view
		}
	}
	close(atHold)
	_, err = io.Copy(heard, response.Body)
	view.Body, view.Trailers, view.End = heard.view(), fieldsOf(response.Trailer), endOf(err)
	if e.Ending.Kind == "whole" {
		<-written
	}
	return view
}

func requestOf(e *exchange) *http.Request {
	header := http.Header{}
	setFields(header, e.Request.Fields)
	// Said by Go itself.
	header.Del("Trailer")
	length := int64(-1)
	if text := header.Get("Content-Length"); text != "" {
		length, _ = strconv.ParseInt(text, 10, 64)
		header.Del("Content-Length")
	}
	if _, there := header["User-Agent"]; !there {
		header["User-Agent"] = []string{""}
	}
	request := &http.Request{
		Method:        e.Request.Method,
		URL:           &url.URL{Scheme: "http", Host: "peer.test", Opaque: e.Request.Path},
		Host:          e.Request.Authority,
		Header:        header,
		ContentLength: length,
	}
	if e.Request.Body == nil {
		request.ContentLength = 0
	}
	if e.Request.Trailers != nil {
		request.Trailer = http.Header{}
		for _, f := range e.Request.Trailers {
			// Announced now, filled in at the end of the body.
			request.Trailer[http.CanonicalHeaderKey(octets(f[0]))] = nil
		}
	}
	return request
}
