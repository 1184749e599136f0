package pupitre

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// examiner tells each check of a seal. p and err are what opening it gave; when
// it failed, the seal is read again without judging its certificate, so that
// what is wrong is told apart from what is not.
func (l *Loupe) examiner(v *Vu, p *sceau.Piece, err error, a time.Time) {
	var feuille []byte
	var autres [][]byte
	if v.Face == sceau.SOAP {
		feuille, autres = v.examinerSOAP()
	} else {
		feuille, autres = v.examinerREST()
	}
	if _, err := l.Magasin.Juger(feuille, autres, certificat.UsageCachet, a); feuille != nil && l.tropTot(err) {
		v.titulaire(feuille, autres, l.Magasin, l.Lu)
	} else {
		v.titulaire(feuille, autres, l.Magasin, a)
	}
	v.controlerCertificat(p, err)
	if errors.Is(err, sceau.ErrPerime) {
		v.controle("horodatage WS-Security encore valable", false, err.Error())
	}
}

func (v *Vu) controle(nom string, valide bool, detail string) {
	v.Controles = append(v.Controles, Controle{nom, valide, detail})
}

func (v *Vu) examinerSOAP() (feuille []byte, autres [][]byte) {
	r, err := xmlsig.VerifierSOAP(v.Brut, xmlsig.Options{EnTetes: []xmlsig.Nom{roc.BlocChaine}})
	if r == nil {
		v.controle("enveloppe SOAP et sceau lisibles, identifiants uniques", false, err.Error())
		return nil, nil
	}
	v.controle("enveloppe SOAP et sceau lisibles, identifiants uniques", true, "")
	v.references(r)
	toutes := true
	for _, ref := range v.Sceau.References {
		v.controle("empreinte de "+ref.Cible, ref.Concordante, ecart(ref))
		toutes = toutes && ref.Concordante
	}
	switch {
	case err == nil:
		v.controle("signature exacte sur ces empreintes", true, Algorithme(v.Sceau.Algorithme))
	case !toutes:
		v.controle("signature exacte sur ces empreintes", false, "non examinée : une empreinte diffère")
	default:
		v.controle("signature exacte sur ces empreintes", false, err.Error())
	}
	return r.Certificat, r.Autres
}

// references completes the report of a seal that was refused.
func (v *Vu) references(r *xmlsig.Resultat) {
	if v.Sceau != nil {
		return
	}
	v.Sceau = &sceau.Rapport{Algorithme: r.Algorithme.String(), Profil: "WS-Security"}
	if r.Proprietes != nil {
		v.Sceau.Profil, v.Sceau.Instant = "WS-Security, XAdES", r.Proprietes.Instant
	}
	b64 := base64.StdEncoding.EncodeToString
	for _, f := range r.References {
		v.Sceau.References = append(v.Sceau.References, sceau.Reference{
			Cible: f.Element + " (" + f.URI + ")", Transforms: f.Transformations, Algorithme: f.Hachage.String(),
			Attendue: b64(f.Attendue), Calculee: b64(f.Calculee), Concordante: f.OK,
		})
	}
}

func ecart(r sceau.Reference) string {
	if r.Concordante {
		noms := make([]string, len(r.Transforms))
		for i, t := range r.Transforms {
			noms[i] = Algorithme(t)
		}
		return r.Algorithme + " après " + strings.Join(noms, ", ")
	}
	return fmt.Sprintf("attendue %s, calculée %s : cette partie a été modifiée après le sceau", r.Attendue, r.Calculee)
}

func (v *Vu) examinerREST() (feuille []byte, autres [][]byte) {
	c := brut(sceau.REST, v.Brut)
	message, err := jcs.Canoniser(nil, c.json, jcs.Limites{Taille: len(c.json) + 1})
	if err != nil || len(c.json) == 0 {
		v.controle("membres « message » et « scellement », JSON sans ambiguïté", false, texteErreur(err))
		return nil, nil
	}
	v.controle("membres « message » et « scellement », JSON sans ambiguïté", true, "")
	etapes, entete := jades.Expliquer(scellementDe(v.Brut), message, jades.Options{})
	tout := true
	for _, x := range etapes {
		v.controle(x.Nom, x.Valide, x.Detail)
		tout = tout && x.Valide
	}
	if entete == nil || len(entete.Chaine) == 0 {
		return nil, nil
	}
	if v.Sceau == nil {
		d := sha256.Sum256(message)
		v.Sceau = &sceau.Rapport{Algorithme: entete.Algorithme.String(), Instant: entete.Instant, Profil: profilREST(entete), References: []sceau.Reference{{
			Cible: "message (enveloppe et corps), JSON canonique RFC 8785", Transforms: []string{"RFC 8785"},
			Algorithme: "SHA-256", Calculee: sceau.EmpreinteTexte(d), Concordante: tout,
		}}}
	}
	return entete.Chaine[0], entete.Chaine[1:]
}

func profilREST(e *jades.Entete) string {
	if len(e.Empreinte) > 0 && !e.Instant.IsZero() {
		return "JAdES B"
	}
	return "JWS"
}

func texteErreur(err error) string {
	if err == nil {
		return "membre « message » absent"
	}
	return err.Error()
}

// titulaire tells the certificate of the seal.
func (v *Vu) titulaire(feuille []byte, autres [][]byte, m *certificat.Magasin, a time.Time) {
	if feuille == nil {
		return
	}
	var b bytes.Buffer
	for _, der := range append([][]byte{feuille}, autres...) {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der}) // a bytes.Buffer never fails
	}
	x := certificat.Expliquer(b.Bytes(), m, a)
	t := x.Titulaire
	v.Scelleur = &Scelleur{Structure: t.Structure, Sujet: t.DN, Organisation: t.Organisation, Emetteur: t.EmetteurCN, Serie: t.Serie,
		Debut: x.Debut, Fin: x.Fin, Gamme: fmt.Sprintf("%s, %s", x.Gamme, x.Milieu), Explication: x}
}

func (v *Vu) controlerCertificat(p *sceau.Piece, err error) {
	var r *certificat.Refus
	const nom = "certificat du scelleur accepté pour un cachet, à cet instant"
	switch {
	case errors.As(err, &r):
		v.controle(nom, false, r.Phrase()+" — à corriger par : "+string(r.QuiAgit()))
	case err == nil:
		detail := ""
		if liste := p.Scelleur().Liste; liste != nil {
			detail = fmt.Sprintf("liste de révocation n° %s de %s, émise le %s", liste.Numero(), liste.Emetteur(), Heure(liste.Emission()))
			v.Scelleur.Liste = detail
		}
		v.controle(nom, true, detail)
	default:
		v.controle(nom, false, "non examiné : le sceau est déjà refusé")
	}
}
