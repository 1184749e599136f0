package ldap

import (
	"bufio"
	"errors"
	"io"
)

// The operations, by the tag of their request and of their answer. ref: RFC 4511 §4
const (
	opLier       = 0x60
	opDelier     = 0x42
	opChercher   = 0x63
	opModifier   = 0x66
	opAjouter    = 0x68
	opSupprimer  = 0x4a
	opRenommer   = 0x6c
	opComparer   = 0x6e
	opAbandonner = 0x50
	opEtendre    = 0x77

	reponseLier      = 0x61
	reponseEntree    = 0x64
	reponseChercher  = 0x65
	reponseModifier  = 0x67
	reponseAjouter   = 0x69
	reponseSupprimer = 0x6b
	reponseRenommer  = 0x6d
	reponseComparer  = 0x6f
	reponseEtendre   = 0x78

	tagControles = 0xa0
)

// reponseDe is the tag of the answer to each request that has one.
func reponseDe(op byte) (tag byte, ok bool) {
	switch op {
	case opLier, opModifier, opAjouter, opRenommer, opComparer, opEtendre:
		return op + 1, true
	case opChercher:
		return reponseChercher, true
	case opSupprimer:
		return reponseSupprimer, true
	}
	return 0, false
}

// Errors of an envelope: the connection does not survive them.
var (
	errBER    = errors.New("ldap: message illisible")
	errTaille = errors.New("ldap: message trop long")
)

// message is the envelope of a request. Its slices lie in the bytes it was read from.
type message struct {
	id        int32
	op        byte
	corps     []byte
	controles []byte // contents of the controls, nil when there are none
}

// lireMessage opens an envelope. ref: RFC 4511 §4.1.1
func lireMessage(b []byte) (m message, ok bool) {
	l := lecteur{b}
	c, ok := l.attendu(tagSequence)
	if !ok || !l.fini() {
		return m, false
	}
	l = lecteur{c}
	if m.id, ok = l.entier(tagEntier); !ok {
		return m, false
	}
	if m.op, m.corps, ok = l.element(); !ok {
		return m, false
	}
	if l.suit(tagControles) {
		if m.controles, ok = l.attendu(tagControles); !ok {
			return m, false
		}
	}
	return m, l.fini()
}

// trame reads the bytes of one message. They are those of the reader's own buffer
// when they fit in it, and then hold until the next reading; debute is called once
// the first byte is there.
func trame(r *bufio.Reader, max int, debute func()) (b []byte, err error) {
	if _, err := r.Peek(1); err != nil {
		return nil, err
	}
	debute()
	var entete, longueur int
	for n := 2; ; n++ {
		b, err := r.Peek(n)
		if err != nil {
			return nil, coupe(err)
		}
		var ok bool
		if entete, longueur, ok = tete(b); !ok || b[0] != tagSequence {
			return nil, errBER
		}
		if entete > 0 {
			break
		}
	}
	total := entete + longueur
	if total > max {
		return nil, errTaille
	}
	if total <= r.Size() {
		b, err := r.Peek(total)
		if err != nil {
			return nil, coupe(err)
		}
		_, err = r.Discard(total)
		return b, err
	}
	b = make([]byte, total)
	_, err = io.ReadFull(r, b)
	return b, coupe(err)
}

// coupe tells an end in the middle of a message from an end between two.
func coupe(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
