// A peer of the differential run (fuzz/src/differential): Go's HTTP/2 in either part of a conversation. One JSON object
// a line comes in, one goes out for each answer; `id` tells which belong together.
//
//	{"id": 1, "serve": conversation}               answered by {"id": 1, "port": n}, and in the end {"id": 1, "view": …}
//	{"id": 2, "call": conversation, "port": n}     answered by {"id": 2, "view": …}
//	{"id": 2, "abort": true}                       breaks the connection, so that the view comes at once
//
// Strings of fields are bytes as char codes.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sync"
)

type command struct {
	ID    int           `json:"id"`
	Serve *conversation `json:"serve"`
	Call  *conversation `json:"call"`
	Port  int           `json:"port"`
	Abort bool          `json:"abort"`
}

type answer struct {
	ID   int `json:"id"`
	Port int `json:"port,omitempty"`
	View any `json:"view,omitempty"`
}

// answers are written by many goroutines, a line at a time.
type answers struct {
	mutex   sync.Mutex
	encoder *json.Encoder
}

func (a *answers) say(one answer) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err := a.encoder.Encode(one); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := &answers{encoder: json.NewEncoder(os.Stdout)}
	var conns sync.Map
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return err
		}
		switch {
		case c.Abort:
			if conn, there := conns.LoadAndDelete(c.ID); there {
				conn.(interface{ Close() error }).Close()
			}
		case c.Serve != nil:
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			conns.Store(c.ID, listener)
			out.say(answer{ID: c.ID, Port: listener.Addr().(*net.TCPAddr).Port})
			go func() {
				conn, err := listener.Accept()
				listener.Close()
				view := serverView{}
				if err == nil {
					conns.Store(c.ID, conn)
					view = serve(conn, c.Serve)
				}
				conns.Delete(c.ID)
				out.say(answer{ID: c.ID, View: view})
			}()
		case c.Call != nil:
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port))
			if err != nil {
				return err
			}
			conns.Store(c.ID, conn)
			go func() {
				view := call(conn, c.Call)
				conns.Delete(c.ID)
				out.say(answer{ID: c.ID, View: view})
			}()
		}
	}
	return lines.Err()
}

func main() {
	// Go's HTTP/2 says there what the other end was to do, GOAWAY for one.
	log.SetOutput(io.Discard)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
