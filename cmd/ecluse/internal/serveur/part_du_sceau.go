package serveur

import (
	"bytes"

	"github.com/ecluse-sante/ecluse/internal/journal"
)

// finVariable is how much of the end of a JSON seal's header, in base64, is left
// out of its common part: the instant is there.
const finVariable = 128

// partDuSceau finds the certificates in the seal of a message: the journal keeps
// once what comes again and again. Nothing is read here: a part that is never the
// same is never shared. A shared part is not erased at its term: a message whose
// seal was not verified has none, and none reaches into a Body. ref: DEC 18
func partDuSceau(b []byte, verifie bool) journal.Part {
	if !verifie {
		return journal.Part{}
	}
	if bytes.HasPrefix(b, []byte("{")) {
		return partREST(b)
	}
	debut := bytes.Index(b, []byte("BinarySecurityToken"))
	if debut < 0 {
		return journal.Part{}
	}
	for _, apres := range []string{"Timestamp", "Signature"} {
		if n := bytes.Index(b[debut:], []byte(apres)); n > 0 && !bytes.Contains(b[debut:debut+n], []byte("Body")) && !bytes.Contains(b[:debut], []byte("Body>")) {
			return journal.Part{Debut: debut, Fin: debut + n}
		}
	}
	return journal.Part{}
}

func partREST(b []byte) journal.Part {
	membre := []byte(`"scellement":"`)
	debut := bytes.Index(b, membre)
	if debut < 0 {
		return journal.Part{}
	}
	debut += len(membre)
	n := bytes.Index(b[debut:], []byte(".."))
	if n <= finVariable {
		return journal.Part{}
	}
	return journal.Part{Debut: debut, Fin: debut + n - finVariable}
}
