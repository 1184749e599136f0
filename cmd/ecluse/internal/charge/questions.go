package charge

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/trame"
)

// modele is a question written beforehand: what changes at each sending (its
// identifiers, its dossier, its instant) has a fixed width and a known place.
type modele struct {
	octets                             []byte
	emetteur                           int
	numero                             int // of the question of the world it comes from
	message, echange, dossier, instant int
}

// What stands in a modele for what changes.
var (
	gabaritMessage = roc.UUID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x4f, 0xff, 0x8f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}
	gabaritEchange = roc.UUID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x4f, 0xff, 0x8f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}
	gabaritInstant = time.Date(1999, 12, 31, 23, 59, 59, 999e6, time.UTC)
)

const (
	formeInstant = "2006-01-02T15:04:05.000Z"
	largeurDoss  = 13 // C and twelve digits
)

// carnet makes the questions of a measure.
type carnet struct {
	t      *terrain
	o      *Options
	source *monde.Charge
	// origine keeps dossiers apart from those of an earlier run on the same server.
	origine int
}

func nouveauCarnet(t *terrain, o *Options) (*carnet, error) {
	moteur, err := calcul.New(nil)
	if err != nil {
		return nil, err
	}
	lieux := make([]monde.Etablissement, len(t.emetteurs))
	for i := range t.emetteurs {
		lieux[i] = t.emetteurs[i].lieu
	}
	s, err := monde.NewCharge(graineCharge, o.Beneficiaires, t.amc, lieux, t.jour, moteur)
	if err != nil {
		return nil, err
	}
	return &carnet{t: t, o: o, source: s, origine: int(time.Now().Unix()%1_000_000) * 1_000_000}, nil
}

// idb writes the questions on rights of the first n members whose rights are
// open, in an order drawn at random, so that neither persons nor emitters follow
// each other.
func (c *carnet) idb(n int) ([]modele, error) {
	numeros := make([]int, 0, n)
	for k := 0; len(numeros) < n; k++ {
		if q := c.source.Question(k); q.Ouverte() {
			numeros = append(numeros, k)
		}
	}
	rand.New(rand.NewPCG(graineCharge, 1)).Shuffle(n, func(i, j int) { numeros[i], numeros[j] = numeros[j], numeros[i] })
	return enParallele(n, func(i int) (modele, error) {
		q := c.source.Question(numeros[i])
		return ecrireModele(c, roc.EchangeIDB, numeros[i], c.origine+i, q.IDB())
	})
}

// clc writes the questions of calculation that follow answers on rights; those
// without answer are left out.
func (c *carnet) clc(idb []modele, references []string) ([]modele, error) {
	l, err := enParallele(len(idb), func(i int) (modele, error) {
		if references[i] == "" {
			return modele{}, nil
		}
		q := c.source.Question(idb[i].numero)
		d, err := c.source.CLC(&q)
		if err != nil {
			return modele{}, err
		}
		d.IDReponseIDB = references[i]
		return ecrireModele(c, roc.EchangeCLC, idb[i].numero, c.origine+i, d)
	})
	suite := l[:0]
	for _, m := range l {
		if m.octets != nil {
			suite = append(suite, m)
		}
	}
	return suite, err
}

func enParallele(n int, f func(i int) (modele, error)) ([]modele, error) {
	l := make([]modele, n)
	erreurs := make([]error, runtime.GOMAXPROCS(0))
	var fin sync.WaitGroup
	for w := range erreurs {
		fin.Go(func() {
			for i := w; i < n && erreurs[w] == nil; i += len(erreurs) {
				l[i], erreurs[w] = f(i)
			}
		})
	}
	fin.Wait()
	for _, err := range erreurs {
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}

func dossierDe(n int) string { return fmt.Sprintf("C%012d", n) }

func ecrireModele[Q, R any](c *carnet, e *roc.Echange[Q, R], numero, dossier int, corps *Q) (modele, error) {
	k := numero % len(c.t.emetteurs)
	lieu := &c.t.emetteurs[k].lieu
	m := roc.Message[Q]{Corps: corps, Enveloppe: roc.Enveloppe{
		NormeVersion: roc.Profil, Service: e.Service, Sens: roc.Question, IDMessage: gabaritMessage, IDEchange: gabaritEchange,
		IDDossierES: dossierDe(dossier), Horodatage: gabaritInstant,
		Emetteur:      roc.Partie{Type: roc.ES, ID: lieu.Identifiant, FinessGeo: lieu.FinessGeo, Libelle: lieu.Nom},
		Destinataire:  roc.Partie{Type: roc.AMC, ID: c.t.amc.Numero.String()},
		Environnement: roc.Environnement(c.t.f.Environnement),
	}}
	x := modele{emetteur: k, numero: numero}
	if c.o.Face == sceau.SOAP {
		x.octets = e.Demande.AppendXML(nil, e.NomDemande, &m)
	} else {
		x.octets = e.Demande.AppendJSON(nil, &m)
	}
	for _, p := range []struct {
		place *int
		texte string
	}{{&x.message, gabaritMessage.String()}, {&x.echange, gabaritEchange.String()},
		{&x.dossier, dossierDe(dossier)}, {&x.instant, gabaritInstant.Format(formeInstant)}} {
		if *p.place = bytes.Index(x.octets, []byte(p.texte)); *p.place < 0 || bytes.Count(x.octets, []byte(p.texte)) != 1 {
			return x, fmt.Errorf("question %d : %q n'y est pas une fois et une seule", numero, p.texte)
		}
	}
	return x, nil
}

// envoi is a question as it leaves.
type envoi struct {
	tampon  []byte
	scelle  sceau.Scelle
	echange roc.UUID
	chaine  []byte
}

// preparer dates the question anew, gives it identifiers that never served, and
// seals it. passage counts how many times the same modele was sent: each time is
// for another dossier, unless it is to be kept.
func (v *envoi) preparer(x *modele, c *sceau.Cachet, face sceau.Face, passage int, h *rand.ChaCha8) (err error) {
	maintenant := time.Now()
	v.tampon = append(v.tampon[:0], x.octets...)
	message := tirerUUID(h)
	v.echange = tirerUUID(h)
	ecrireUUID(v.tampon[x.message:], &message)
	ecrireUUID(v.tampon[x.echange:], &v.echange)
	var instant [32]byte // AppendFormat uses more room than it keeps
	copy(v.tampon[x.instant:], maintenant.UTC().AppendFormat(instant[:0], formeInstant))
	if passage > 0 {
		n, err := strconv.Atoi(string(v.tampon[x.dossier+1 : x.dossier+largeurDoss]))
		if err != nil {
			return err
		}
		copy(v.tampon[x.dossier:], fmt.Appendf(nil, "C%012d", (n+passage*questionsMax)%1_000_000_000_000))
	}
	if face == sceau.SOAP {
		v.scelle, err = c.SOAP(v.tampon, v.chaine, maintenant)
	} else {
		v.scelle, err = c.REST(v.tampon, v.chaine, maintenant)
	}
	return err
}

func tirerUUID(h *rand.ChaCha8) (u roc.UUID) {
	h.Read(u[:])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u
}

// ecrireUUID writes the 36 characters of u in place.
func ecrireUUID(b []byte, u *roc.UUID) {
	hex.Encode(b[:8], u[:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:])
}

// chainePassage is what a relay adds of itself, on either face.
func chainePassage(relais string, face sceau.Face) []byte {
	if relais == "" {
		return nil
	}
	c := roc.Chaine{Maillons: []roc.Maillon{{Role: roc.OCT, ID: relais, Horodatage: time.Now()}}}
	if face == sceau.SOAP {
		return roc.PlanChaine.AppendXML(nil, roc.NomChaine, &c)
	}
	return roc.PlanChaine.AppendJSON(nil, &c)
}

// rendu is what an answer says, once its seal is verified.
type renduCharge struct {
	enveloppe *roc.Enveloppe
	code      roc.Code
	reference string // of an answer on rights
	precision string // of a refusal
}

// lecteur reads the answers of a service.
type lecteur func(p *sceau.Piece) (renduCharge, error)

func lecteurDe(s roc.Service) lecteur {
	if s == roc.CLC {
		return func(p *sceau.Piece) (renduCharge, error) {
			m, err := lireReponseCharge(p, roc.EchangeCLC)
			if err != nil {
				return renduCharge{}, err
			}
			return renduCharge{enveloppe: &m.Enveloppe, code: m.Corps.CodeRetour}, nil
		}
	}
	return func(p *sceau.Piece) (renduCharge, error) {
		m, err := lireReponseCharge(p, roc.EchangeIDB)
		if err != nil {
			return renduCharge{}, err
		}
		return renduCharge{enveloppe: &m.Enveloppe, code: m.Corps.CodeRetour, reference: m.Corps.IDReponseIDB}, nil
	}
}

func lireReponseCharge[Q, R any](p *sceau.Piece, e *roc.Echange[Q, R]) (*roc.Message[R], error) {
	m := new(roc.Message[R])
	err := lireMessage(p, e.Reponse, e.NomReponse, m)
	if err == nil && m.Corps == nil {
		err = fmt.Errorf("réponse sans corps")
	}
	return m, err
}

func lireMessage[M any](p *sceau.Piece, plan *trame.Plan[M], nom string, m *M, chemin ...string) error {
	if p.Face() == sceau.REST {
		return plan.DecodeJSON(p.Contenu(), m)
	}
	return p.XML(func(l *xmlflux.Lecteur) error { return plan.LireXML(l, nom, m) }, append(chemin, nom)...)
}

// lireRefusCharge reads a technical or security refusal.
func lireRefusCharge(p *sceau.Piece) (renduCharge, error) {
	m := new(roc.Message[roc.CorpsRefus])
	var chemin []string
	if p.Face() == sceau.SOAP {
		chemin = []string{"Fault", "Detail"}
	}
	if err := lireMessage(p, roc.PlanRefus, roc.NomRefus, m, chemin...); err != nil {
		return renduCharge{}, err
	}
	if m.Corps == nil {
		return renduCharge{}, fmt.Errorf("refus sans corps")
	}
	return renduCharge{enveloppe: &m.Enveloppe, code: m.Corps.CodeRetour, precision: m.Corps.Precision}, nil
}
