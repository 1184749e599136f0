package preuve_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ecluse-sante/ecluse/preuve"
)

// livre is a journal in memory.
type livre struct {
	t       testing.TB
	nom     string
	signer  note.Signer
	cle     preuve.Cle
	lignes  []preuve.LigneExport
	bord    preuve.Bord
	tuiles  map[string][]byte
	instant time.Time
	suite   string // added to the origin
	avant   *preuve.Precedent
}

// suivant is a new log tied to this one, as after a restored database.
func (l *livre) suivant() *livre {
	p := l.point()
	return &livre{t: l.t, nom: l.nom, signer: l.signer, cle: l.cle, tuiles: make(map[string][]byte), instant: l.instant.Add(time.Hour),
		suite: "/2", avant: &preuve.Precedent{Origine: p.Origine, Taille: p.Taille, Racine: p.Racine}}
}

func nouveauLivre(t testing.TB, nom string) *livre {
	t.Helper()
	secrete, publique, err := note.GenerateKey(rand.Reader, "exemple.invalid/"+nom)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secrete)
	if err != nil {
		t.Fatal(err)
	}
	cle, err := preuve.ParseCle(publique)
	if err != nil {
		t.Fatal(err)
	}
	return &livre{t: t, nom: nom, signer: s, cle: cle, tuiles: make(map[string][]byte), instant: instant0.Add(2 * time.Second)}
}

func (l *livre) ajouter(tr preuve.Trace) int64 {
	l.t.Helper()
	record, err := tr.Record()
	if err != nil {
		l.t.Fatal(err)
	}
	sel := make([]byte, preuve.TailleSel)
	rand.Read(sel)
	rang := l.bord.Taille()
	h := preuve.Feuille(sel, record)
	l.lignes = append(l.lignes, preuve.LigneExport{Rang: rang, Feuille: h, Sel: sel, Trace: record})
	l.bord.Ajouter(h, func(t preuve.Tuile) { l.tuiles[t.Chemin()] = t.Octets() })
	return rang
}

func (l *livre) lire(niveau int, indice int64, largeur int) ([]byte, error) {
	if b, ok := l.tuiles[preuve.CheminTuile(fmt.Sprint(niveau), indice, preuve.LargeurTuile)]; ok {
		return b, nil
	}
	for _, t := range l.bord.Partielles() {
		if t.Niveau == niveau && t.Indice == indice {
			return t.Octets(), nil
		}
	}
	return nil, fmt.Errorf("tuile %d/%d absente", niveau, indice)
}

func (l *livre) point() preuve.PointControle {
	l.t.Helper()
	p := preuve.PointControle{Origine: l.signer.Name() + l.suite, Taille: l.bord.Taille(), Racine: l.bord.Racine(), Instant: l.instant, Precedent: l.avant}
	b, err := note.Sign(&note.Note{Text: p.Texte()}, l.signer)
	if err != nil {
		l.t.Fatal(err)
	}
	if p, err = preuve.OuvrirPointControle(b, l.cle); err != nil {
		l.t.Fatal(err)
	}
	return p
}

func (l *livre) echange(rang int64) *preuve.Echange {
	l.t.Helper()
	chemin, err := preuve.ProuverInclusion(l.bord.Taille(), rang, l.lire)
	if err != nil {
		l.t.Fatal(err)
	}
	x := l.lignes[rang]
	return &preuve.Echange{Record: string(x.Trace), Sel: x.Sel,
		Inclusion: preuve.Inclusion{Point: string(l.point().Brut), Rang: rang, Feuille: x.Feuille, Chemin: chemin}}
}

var instant0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const (
	hopital = "1-999999999"
	amc     = "2-999999998"
)

// message is a toy sealed message: "sealer|digest of the question|content". The
// real seals have their own packages; the verification is here a callback.
func message(scelleur, question, contenu string) []byte {
	return []byte(scelleur + "|" + question + "|" + contenu)
}

func sceauJouet(s preuve.SceauDe) (preuve.Sceau, error) {
	champs := strings.SplitN(string(s.Message), "|", 3)
	if len(champs) != 3 || strings.HasSuffix(champs[2], "!") {
		return preuve.Sceau{}, fmt.Errorf("signature fausse")
	}
	return preuve.Sceau{Structure: champs[0], Empreinte: hexSHA(s.Message), Question: champs[1]}, nil
}

func hexSHA(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// echangeType is the same exchange seen by its two sides.
type echangeType struct {
	question, reponse []byte
	emetteur, dest    preuve.Trace
}

func unEchange() echangeType {
	x := echangeType{question: message(hopital, "", "<q/>")}
	x.reponse = message(amc, hexSHA(x.question), "<r/>")
	x.dest = preuve.Trace{Role: preuve.RoleDestinataire, Service: "CLC", IDMessage: "M-1", IDEchange: "E-1",
		Emetteur: "FINESS-990000001", Destinataire: "AMC-99999997", CodeRetour: "C000", Engagement: "ENG-1",
		EmpreinteQuestion: hexSHA(x.question), EmpreinteReponse: hexSHA(x.reponse),
		SceauQuestion: preuve.Partie{Structure: hopital}, SceauReponse: preuve.Partie{Structure: amc},
		VerdictQuestion: preuve.VerdictValide, VerdictReponse: preuve.VerdictValide,
		Reception: instant0.UnixMilli() + 20, Emission: instant0.UnixMilli() + 30}
	x.emetteur = x.dest
	x.emetteur.Role = preuve.RoleEmetteur
	x.emetteur.Emission, x.emetteur.Reception = instant0.UnixMilli(), instant0.UnixMilli()+50
	return x
}
