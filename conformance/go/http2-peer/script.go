package main

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"sort"
	"strings"

	"golang.org/x/net/http2"
)

// conversation is what fuzz/src/differential/conversation.ts says.
type conversation struct {
	Client, Server settings
	Concurrency    int
	Exchanges      []exchange
	GoAway         *struct{ By string }
}

type settings struct {
	StreamWindow, MaxFrameSize, HeaderTableSize, MaxConcurrentStreams int
}

type field [2]string

type exchange struct {
	Request struct {
		Method, Path, Authority string
		Fields                  []field
		Body                    *body
		Trailers                []field
	}
	Response struct {
		AfterRequest  bool
		Informational []head
		Head          head
		Body          *body
		Trailers      []field
	}
	Ending struct {
		Kind, By string
		At       int
	}
}

type head struct {
	Status int     `json:"status"`
	Fields []field `json:"fields"`
}

type body struct {
	Seed   int
	Chunks []int
}

// What each end has heard, in the form of views.ts; what Go does not tell is null.

type clientView struct {
	Exchanges []*responseView `json:"exchanges"`
	GoAway    *int            `json:"goAway"`
	Fault     *string         `json:"fault"`
}

type responseView struct {
	Informational []head    `json:"informational"`
	Status        *int      `json:"status"`
	Fields        []field   `json:"fields"`
	Body          *bodyView `json:"body"`
	Trailers      []field   `json:"trailers"`
	End           any       `json:"end"`
}

type serverView struct {
	Exchanges []*requestView `json:"exchanges"`
	GoAway    *int           `json:"goAway"`
	Fault     *string        `json:"fault"`
}

type requestView struct {
	Method    string    `json:"method"`
	Scheme    *string   `json:"scheme"`
	Path      string    `json:"path"`
	Authority string    `json:"authority"`
	Fields    []field   `json:"fields"`
	Body      *bodyView `json:"body"`
	Trailers  []field   `json:"trailers"`
	End       any       `json:"end"`
}

type bodyView struct {
	Length int    `json:"length"`
	SHA1   string `json:"sha1"`
}

// content is where all bodies are cut from, as in bodies.ts.
var content = func() []byte {
	bytes := make([]byte, 1<<21)
	for i := range bytes {
		bytes[i] = byte(uint32(i) * 0x9e3779b1 >> 24)
	}
	return bytes
}()

func (b *body) pieces(yield func(int, []byte) bool) {
	at := b.Seed
	for i, size := range b.Chunks {
		if !yield(i, content[at:at+size]) {
			return
		}
		at += size
	}
}

func sum(chunks []int) int {
	total := 0
	for _, size := range chunks {
		total += size
	}
	return total
}

// digest is a body as it is heard.
type digest struct {
	length int
	hash   hash.Hash
}

func newDigest() *digest { return &digest{hash: sha1.New()} }

func (d *digest) Write(bytes []byte) (int, error) {
	d.length += len(bytes)
	return d.hash.Write(bytes)
}

func (d *digest) view() *bodyView {
	return &bodyView{d.length, hex.EncodeToString(d.hash.Sum(nil))}
}

// setFields puts fields into a map of Go's; the key is what Go itself would make of the name.
func setFields(header http.Header, fields []field) {
	for _, f := range fields {
		header.Add(octets(f[0]), octets(f[1]))
	}
}

// fieldsOf takes them out again, by name.
func fieldsOf(header http.Header) []field {
	fields := []field{}
	for name, values := range header {
		for _, value := range values {
			fields = append(fields, field{charCodes(strings.ToLower(name)), charCodes(value)})
		}
	}
	sort.SliceStable(fields, func(i, j int) bool { return fields[i][0] < fields[j][0] })
	return fields
}

func charCodes(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func octets(text string) string {
	var bytes []byte
	for _, r := range text {
		bytes = append(bytes, byte(r))
	}
	return string(bytes)
}

// endOf says how a body ended by the error that reading gave: "end", the code of a reset, or the error's text.
func endOf(err error) any {
	var reset http2.StreamError
	switch {
	case err == nil:
		return "end"
	case errors.As(err, &reset):
		return uint32(reset.Code)
	}
	return err.Error()
}
