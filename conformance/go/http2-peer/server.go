package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/http2"
)

// serve plays the server's part on a connection, until the client has closed it.
func serve(conn net.Conn, c *conversation) serverView {
	s := &server{conversation: c, views: make([]*requestView, len(c.Exchanges))}
	s.playing.Add(len(c.Exchanges))
	s.base = &http.Server{}
	h2 := &http2.Server{
		MaxConcurrentStreams:      uint32(c.Server.MaxConcurrentStreams),
		MaxReadFrameSize:          uint32(c.Server.MaxFrameSize),
		MaxDecoderHeaderTableSize: uint32(c.Server.HeaderTableSize),
		MaxUploadBufferPerStream:  int32(c.Server.StreamWindow),
	}
	if err := http2.ConfigureServer(s.base, h2); err != nil {
		fault := err.Error()
		return serverView{Fault: &fault}
	}
	h2.ServeConn(conn, &http2.ServeConnOpts{BaseConfig: s.base, Handler: s})
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return serverView{Exchanges: s.views}
}

type server struct {
	conversation *conversation
	base         *http.Server
	playing      sync.WaitGroup
	mutex        sync.Mutex
	views        []*requestView
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.RequestURI == "/bye" {
		s.playing.Wait()
		if goAway := s.conversation.GoAway; goAway != nil && goAway.By == "server" {
			go s.base.Shutdown(context.Background())
		}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	index, err := strconv.Atoi(strings.SplitN(r.RequestURI, "/", 3)[1])
	if err != nil || index >= len(s.views) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	view := &requestView{
		Method:    r.Method,
		Path:      r.RequestURI,
		Authority: r.Host,
		Fields:    fieldsOf(r.Header),
	}
	s.mutex.Lock()
	s.views[index] = view
	s.mutex.Unlock()
	// Handlers that are to reset their stream panic.
	defer s.playing.Done()
	s.play(w, r, &s.conversation.Exchanges[index], view)
}

// play is playServer of parts.ts.
func (s *server) play(w http.ResponseWriter, r *http.Request, e *exchange, view *requestView) {
	if e.Ending.Kind == "reset-at-headers" {
		panic(http.ErrAbortHandler)
	}
	heard := newDigest()
	if e.Ending.Kind == "reset-at-body" {
		io.CopyN(heard, r.Body, int64(e.Ending.At))
		panic(http.ErrAbortHandler)
	}
	whole := make(chan struct{})
	readAll := func() {
		defer close(whole)
		_, err := io.Copy(heard, r.Body)
		view.Body, view.Trailers, view.End = heard.view(), fieldsOf(r.Trailer), endOf(err)
	}
	held := int64(0)
	if e.Ending.Kind == "reset-amid" && e.Ending.By == "server" {
		held = int64(sum(e.Request.Body.Chunks[:e.Ending.At])) + 1
		go func() {
			defer close(whole)
			io.CopyN(heard, r.Body, held)
		}()
	} else if e.Ending.Kind != "early" {
		go readAll()
		if e.Ending.Kind == "whole" && e.Response.AfterRequest {
			<-whole
		}
	}
	respond(w, e)
	if e.Ending.Kind == "early" {
		return
	}
	<-whole
	if held > 0 {
		panic(http.ErrAbortHandler)
	}
}

func respond(w http.ResponseWriter, e *exchange) {
	header := w.Header()
	clean := func() {
		clear(header)
		// Else Go adds its own.
		header["Date"], header["Content-Type"] = nil, nil
	}
	for _, informational := range e.Response.Informational {
		clean()
		setFields(header, informational.Fields)
		w.WriteHeader(informational.Status)
	}
	clean()
	setFields(header, e.Response.Head.Fields)
	w.WriteHeader(e.Response.Head.Status)
	flusher := w.(http.Flusher)
	if e.Response.Body == nil {
		return
	}
	flusher.Flush()
	for _, piece := range e.Response.Body.pieces {
		if _, err := w.Write(piece); err != nil {
			return
		}
		flusher.Flush()
	}
	for _, f := range e.Response.Trailers {
		header.Add(http2.TrailerPrefix+octets(f[0]), octets(f[1]))
	}
}
