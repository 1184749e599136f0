package serveur

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/trame"
)

// Verificateur judges the seals of evidence with the authorities of a directory
// and the revocation lists of the evidence itself, at the instant of its
// checkpoint: ten years later the verdict is the same. ref: DEC 16
func Verificateur(dossier string) (preuve.VerifierSceau, error) {
	if dossier == "" {
		return nil, nil
	}
	base, err := MagasinDe(dossier)
	if err != nil {
		return nil, err
	}
	var racines, intermediaires [][]byte
	for _, c := range base.Racines() {
		racines = append(racines, c.Raw)
	}
	for _, c := range base.Intermediaires() {
		intermediaires = append(intermediaires, c.Raw)
	}
	return func(s preuve.SceauDe) (preuve.Sceau, error) {
		m := certificat.NouveauMagasin(certificat.Options{})
		if err := m.RemplacerAutorites(racines, intermediaires); err != nil {
			return preuve.Sceau{}, err
		}
		for _, der := range s.Revocations {
			// Question and answer may have been judged by two lists of one authority:
			// the later one speaks for both.
			// The list of an authority that the verifier does not trust judges nobody.
			if _, err := m.AjouterCRL(der); err != nil && !errors.Is(err, &certificat.Refus{Motif: certificat.MotifListeAncienne}) &&
				!errors.Is(err, &certificat.Refus{Motif: certificat.MotifAutoriteInconnue}) {
				return preuve.Sceau{}, err
			}
		}
		return jugerSceau(m, s)
	}, nil
}

func jugerSceau(m *certificat.Magasin, s preuve.SceauDe) (preuve.Sceau, error) {
	o := sceau.Ouvreur{Juge: m, Limite: ScelleMax, Relais: roc.BlocChaine}
	ouvrir := o.SOAP
	if bytes.HasPrefix(bytes.TrimSpace(s.Message), []byte("{")) {
		ouvrir = o.REST
	}
	p, err := ouvrir(s.Message, s.Instant)
	if err != nil {
		return preuve.Sceau{}, err
	}
	env, err := lireEnveloppe(p)
	if err != nil {
		return preuve.Sceau{}, err
	}
	r := preuve.Sceau{Structure: p.Scelleur().Porteur.Structure(), Empreinte: empreinte(p.Empreinte())}
	if env.EmpreinteQuestion != "" {
		d, err := base64.RawURLEncoding.DecodeString(env.EmpreinteQuestion)
		if err != nil {
			return r, fmt.Errorf("empreinte de la question illisible")
		}
		r.Question = hex.EncodeToString(d)
	}
	return r, nil
}

var planEnveloppe = trame.Pour[roc.Message[trame.Opaque]](roc.Espace)

// lireEnveloppe reads the envelope of any message of the exchange, faults included.
func lireEnveloppe(p *sceau.Piece) (*roc.Enveloppe, error) {
	m := new(roc.Message[trame.Opaque])
	if p.Face() == sceau.REST {
		return &m.Enveloppe, planEnveloppe.DecodeJSON(p.Contenu(), m)
	}
	chemin := []string{p.Element()}
	if chemin[0] == "Fault" {
		chemin = []string{"Fault", "Detail", roc.NomRefus}
	}
	nom := chemin[len(chemin)-1]
	return &m.Enveloppe, p.XML(func(l *xmlflux.Lecteur) error { return planEnveloppe.LireXML(l, nom, m) }, chemin...)
}

// MagasinDe reads a trust directory, nil when there is none.
func MagasinDe(dossier string) (*certificat.Magasin, error) {
	if dossier == "" {
		return nil, nil
	}
	m := certificat.NouveauMagasin(certificat.Options{})
	_, err := m.ChargerRepertoire(dossier)
	return m, err
}

// ScelleMax bounds a file to seal or to verify.
const ScelleMax = 16 << 20
