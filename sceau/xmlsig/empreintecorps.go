package xmlsig

import (
	"crypto/sha256"
	"hash"
	"sync"
)

var sommes = sync.Pool{New: func() any { return sha256.New() }}

var octetsDebutCorps, octetsFinCorps = []byte(debutCorps), []byte(finCorps)

// digestCorps digests the Body as SignerSOAP writes it, without copying it.
func digestCorps(contenu []byte) (e empreinte) {
	h := sommes.Get().(hash.Hash)
	defer sommes.Put(h)
	h.Reset()
	h.Write(octetsDebutCorps)
	h.Write(contenu)
	h.Write(octetsFinCorps)
	e.n = len(h.Sum(e.b[:0]))
	return e
}

// EmpreinteCorps is the SHA-256 of the canonical Body that SignerSOAP writes
// around a content.
func EmpreinteCorps(contenu []byte) [32]byte {
	e := digestCorps(contenu)
	return [32]byte(e.b[:32])
}
