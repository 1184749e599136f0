package jades

// Controle is one check of a seal, in words for people.
type Controle struct {
	Nom    string // what is checked, in French
	Valide bool
	Detail string // what was found, or why it is refused; "non examiné" after a refusal
}

// Expliquer does what Verifier does and tells each check in turn. Checks that
// follow a refusal are listed as not examined. The header is nil when unreadable.
func Expliquer[T ~string | ~[]byte](jws T, payload []byte, opts Options) ([]Controle, *Entete) {
	x := &explication{}
	var s *Sceau
	x.controle("forme compacte à contenu détaché", func() (err error) {
		s, err = decouper([]byte(jws))
		return err
	})
	x.controle("en-tête lisible, sans membre en double", func() (err error) {
		s.entete, err = lireEntete(s.protege)
		return err
	})
	for _, e := range etapes {
		x.controle(e.nom, func() error { return e.juge(s.entete) })
	}
	x.controle("exigences du destinataire", func() error { return s.convient(opts) })
	x.controle("signature exacte sur le contenu", func() error {
		cle, err := opts.cle(s.Certificat())
		if err != nil {
			return err
		}
		return s.Verifier(payload, cle)
	})
	if s == nil {
		return x.liste, nil
	}
	return x.liste, s.entete
}

type explication struct {
	liste []Controle
	refus bool
}

func (x *explication) controle(nom string, f func() error) {
	if x.refus {
		x.liste = append(x.liste, Controle{Nom: nom, Detail: "non examiné"})
		return
	}
	if err := f(); err != nil {
		x.refus = true
		x.liste = append(x.liste, Controle{Nom: nom, Detail: err.Error()})
		return
	}
	x.liste = append(x.liste, Controle{Nom: nom, Valide: true})
}
