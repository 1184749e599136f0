package pupitretest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/trame"
)

// envoi says how a question is asked.
type envoi struct {
	face    sceau.Face
	cachet  *sceau.Cachet // of the hospital when nil
	chiffre bool
	relais  string
	alterer bool // one byte of the question is changed on its way
}

// echanger asks a question and answers it, both sealed, and writes the exchange
// in the journal of the insurer.
func echanger[Q, R any](m *Monde, e *roc.Echange[Q, R], v envoi, titre string, q *Q, r *R) *pupitre.Etape {
	m.t.Helper()
	duree := 8*time.Millisecond + time.Duration(len(titre))*137*time.Microsecond
	arr := &roc.Arrivee{Chiffre: v.chiffre, Duree: duree}
	question := message(m, e.Service, roc.Question, q)
	question.Enveloppe.Horodatage = m.horloge
	arr.Depart = roc.Depart{Service: e.Service, IDMessage: question.Enveloppe.IDMessage, Instant: m.horloge}
	if v.chiffre {
		chiffrer(m, question, e.CorpsDemande)
	}
	cachet := v.cachet
	if cachet == nil {
		cachet = m.partie.Cachet
	}
	arr.Depart.Scelle = sceller(m, cachet, v, e.NomDemande, e.Demande, question)
	if v.alterer {
		arr.Depart.Scelle = bytes.Replace(arr.Depart.Scelle, []byte("JEANNE"), []byte("JEANNA"), 1)
	}
	m.horloge = m.horloge.Add(duree)
	arr.Instant = m.horloge
	p, refus := m.ouvrir(arr.Depart.Scelle, v.face)
	switch {
	case refus != nil:
		corps := &roc.CorpsRefus{Retour: roc.RetourDe(refus.Code, refus.Detail), NumeroDemande: "D-0001"}
		rep := message(m, e.Service, roc.Reponse, corps)
		arr.Scelle, arr.Code, arr.Refus = sceller(m, m.mutuelle, v, roc.NomRefus, roc.PlanRefus, rep), refus.Code, refus
	default:
		rep := message(m, e.Service, roc.Reponse, r)
		rep.Enveloppe.IDEchange, rep.Enveloppe.EmpreinteQuestion = question.Enveloppe.IDEchange, sceau.EmpreinteTexte(p.Empreinte())
		if v.chiffre {
			chiffrer(m, rep, e.CorpsReponse)
		}
		arr.Scelle = sceller(m, m.mutuelle, v, e.NomReponse, e.Reponse, rep)
	}
	if v.relais != "" {
		arr.Relais = []roc.Maillon{{Role: roc.OCT, ID: v.relais, Horodatage: m.horloge}}
	}
	x := &pupitre.Etape{Numero: len(m.etapes) + 1, Histoire: m.histoire, Titre: titre, Demandeur: Hopital, Repondant: Mutuelle, Ok: true}
	x.DeArrivee(m.Loupe, arr, q)
	x.Preuve = m.livre.inscrire(trace(arr, x))
	m.horloge = m.horloge.Add(2 * time.Minute)
	return x
}

func message[C any](m *Monde, s roc.Service, sens roc.Sens, corps *C) *roc.Message[C] {
	moi, lui := roc.Partie{Type: roc.ES, ID: "690781810", Libelle: Hopital}, roc.Partie{Type: roc.AMC, ID: "99000001", Libelle: Mutuelle}
	if sens == roc.Reponse {
		moi, lui = lui, moi
	}
	return &roc.Message[C]{Corps: corps, Enveloppe: roc.Enveloppe{NormeVersion: roc.Profil, Service: s, Sens: sens, IDMessage: roc.NouvelUUID(),
		IDEchange: roc.NouvelUUID(), IDDossierES: "D2026-0042", Horodatage: m.horloge, Emetteur: moi, Destinataire: lui, Environnement: roc.Test}}
}

func chiffrer[C any](m *Monde, x *roc.Message[C], plan *trame.Plan[C]) {
	m.t.Helper()
	conf, _, err := roc.ParseConfidentiel(m.conf.certificat)
	if err != nil {
		m.t.Fatal(err)
	}
	x.CorpsChiffre, x.Enveloppe.EmpreinteCorps, err = conf.Chiffrer(plan.AppendJSON(nil, x.Corps))
	if err != nil {
		m.t.Fatal(err)
	}
	x.Corps, x.Enveloppe.CleReponse = nil, m.conf.certificat
}

func sceller[C any](m *Monde, c *sceau.Cachet, v envoi, nom string, plan *trame.Plan[roc.Message[C]], x *roc.Message[C]) []byte {
	m.t.Helper()
	chaine := &roc.Chaine{Maillons: []roc.Maillon{{Role: roc.OCT, ID: v.relais, Horodatage: m.horloge}}}
	b, relais, sceller := plan.AppendJSON(nil, x), roc.PlanChaine.AppendJSON(nil, chaine), c.REST
	if v.face == sceau.SOAP {
		b, relais, sceller = plan.AppendXML(nil, nom, x), roc.PlanChaine.AppendXML(nil, roc.NomChaine, chaine), c.SOAP
	}
	if v.relais == "" {
		relais = nil
	}
	s, err := sceller(b, relais, m.horloge)
	if err != nil {
		m.t.Fatal(err)
	}
	return s.Octets
}

// ouvrir opens a question as the gate of the insurer would.
func (m *Monde) ouvrir(octets []byte, face sceau.Face) (*sceau.Piece, *roc.Refus) {
	o := sceau.Ouvreur{Juge: m.Loupe.Magasin, Relais: roc.BlocChaine}
	ouvrir := o.REST
	if face == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(octets, m.horloge)
	if err == nil {
		return p, nil
	}
	v := m.Loupe.Voir(octets, face, m.horloge)
	return nil, roc.Refuser(v.Code, err.Error())
}

func trace(a *roc.Arrivee, e *pupitre.Etape) preuve.Trace {
	hexa := func(b []byte) string { d := sha256.Sum256(b); return hex.EncodeToString(d[:]) }
	return preuve.Trace{Role: preuve.RoleDestinataire, Service: string(a.Depart.Service), IDMessage: a.Depart.IDMessage.String(),
		CodeRetour: string(e.Code), EmpreinteQuestion: hexa(a.Depart.Scelle), EmpreinteReponse: hexa(a.Scelle),
		Reception: a.Instant.UnixMilli(), Emission: a.Instant.UnixMilli()}
}
