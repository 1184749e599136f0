package fhir

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
)

// NDJSON writes resources one by line, with the size and the digest of what was
// written. ref: NDJSON 1.0, Bulk Data Access 2.0
type NDJSON struct {
	w     io.Writer
	b     []byte
	h     hash.Hash
	size  int64
	count int64
}

const block = 256 << 10

// NewNDJSON writes to w by large blocks.
func NewNDJSON(w io.Writer) *NDJSON {
	return &NDJSON{w: w, b: make([]byte, 0, block+16<<10), h: sha256.New()}
}

// Line gives to write the writer of the next line: it appends one resource to B.
func (n *NDJSON) Line(write func(w *Writer)) error {
	w := Writer{B: n.b}
	from := len(n.b)
	write(&w)
	if bytes.IndexByte(w.B[from:], '\n') >= 0 {
		return refuse(CodeException, "", "une ressource porte un saut de ligne")
	}
	n.b = w.B
	if len(n.b) == from {
		return nil
	}
	n.b = append(n.b, '\n')
	n.count++
	if len(n.b) < block {
		return nil
	}
	return n.Flush()
}

// Flush writes what is held; to be called at the end.
func (n *NDJSON) Flush() error {
	m, err := n.w.Write(n.b)
	n.h.Write(n.b[:m])
	n.size += int64(m)
	n.b = n.b[:0]
	return err
}

// Size is the number of bytes flushed.
func (n *NDJSON) Size() int64 { return n.size }

// Count is the number of resources.
func (n *NDJSON) Count() int64 { return n.count }

// SHA256 is the digest of what was flushed.
func (n *NDJSON) SHA256() [sha256.Size]byte { return [sha256.Size]byte(n.h.Sum(nil)) }
