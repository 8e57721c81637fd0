// A peer of the HPACK stories: Go's hpack. One JSON object a line comes in, one goes out.
//
//	{"new": true}                              a new connection, nothing goes out
//	{"limits": [n, …], "decode": "hex"}        a block to decode, after these changes of the table's limit
//	{"limits": [n, …], "encode": [[name, value, sensitive], …]}
//
// Strings are bytes as char codes. The answer is {"fields": [[name, value, sensitive], …]}, or {"block": "hex"}.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/net/http2/hpack"
)

type step struct {
	New    bool
	Limits []uint32
	Decode *string
	Encode [][3]any
}

// connection is what one connection keeps of HPACK, in either direction.
type connection struct {
	decoder *hpack.Decoder
	encoder *hpack.Encoder
	written bytes.Buffer
}

func newConnection() *connection {
	c := &connection{decoder: hpack.NewDecoder(4096, nil)}
	c.encoder = hpack.NewEncoder(&c.written)
	return c
}

func (c *connection) decode(s step) (any, error) {
	for _, limit := range s.Limits {
		c.decoder.SetAllowedMaxDynamicTableSize(limit)
	}
	block, err := hex.DecodeString(*s.Decode)
	if err != nil {
		return nil, err
	}
	decoded, err := c.decoder.DecodeFull(block)
	if err != nil {
		return nil, err
	}
	fields := make([][3]any, 0, len(decoded))
	for _, field := range decoded {
		fields = append(fields, [3]any{charCodes(field.Name), charCodes(field.Value), field.Sensitive})
	}
	return map[string]any{"fields": fields}, nil
}

func (c *connection) encode(s step) (any, error) {
	for _, limit := range s.Limits {
		c.encoder.SetMaxDynamicTableSizeLimit(limit)
		c.encoder.SetMaxDynamicTableSize(limit)
	}
	c.written.Reset()
	for _, field := range s.Encode {
		header := hpack.HeaderField{Name: octets(field[0]), Value: octets(field[1]), Sensitive: field[2].(bool)}
		if err := c.encoder.WriteField(header); err != nil {
			return nil, err
		}
	}
	return map[string]any{"block": hex.EncodeToString(c.written.Bytes())}, nil
}

// charCodes gives each byte as one character.
func charCodes(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func octets(text any) string {
	var bytes []byte
	for _, r := range text.(string) {
		bytes = append(bytes, byte(r))
	}
	return string(bytes)
}

func run() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	answers := json.NewEncoder(out)
	c := newConnection()
	for number := 1; lines.Scan(); number++ {
		var s step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if s.New {
			c = newConnection()
			continue
		}
		answer := c.encode
		if s.Decode != nil {
			answer = c.decode
		}
		result, err := answer(s)
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err := answers.Encode(result); err != nil {
			return err
		}
	}
	return lines.Err()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
