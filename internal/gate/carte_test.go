package gate_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/gate/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// normeCarte has one service whose questions a card seals, and one that a structure does.
var (
	normeCarte = roc.NouvelleNorme(roc.Norme{Profil: "essai-carte/1", Espace: "urn:x-essai-carte:1", Racine: "/v1/carte",
		Services: []roc.Service{roc.TAR, roc.CTL}, Cartes: []roc.Service{roc.TAR}})
	echangeCarte  = roc.NouvelEchange[roc.DemandeEtat, roc.ReponseEtat](normeCarte, roc.TAR, "ParCarte")
	echangeCachet = roc.NouvelEchange[roc.DemandeEtat, roc.ReponseEtat](normeCarte, roc.CTL, "ParCachet")

	confiance = roc.Partie{Type: roc.Tiers, ID: "99900001"}
)

const (
	structureOCT = "2999123466"
	rppsUn       = "99900112204"
	rppsDeux     = "99900112212"
)

// bancCarte is a third party whose rules may be run again, and count.
type bancCarte struct {
	bancOuvert
	carte  *gatetest.Partie
	regles int
	refus  error
	traces bytes.Buffer // the log
}

func nouveauBancCarte(t *testing.T, b *bdd.Base, sansTrace bool) *bancCarte {
	x := &bancCarte{bancOuvert: bancOuvert{Labo: gatetest.New(t)}}
	x.amc, x.carte = x.Partie(t, structureAMC, "TIERS DE TEST"), x.Carte(t, rppsUn)
	regle := func(context.Context, sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, func(context.Context) (*roc.ReponseEtat, error), error) {
		x.regles++
		return &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.Operationnel}, nil, x.refus
	}
	type options = gate.Options[roc.DemandeEtat, roc.ReponseEtat]
	parCarte, parCachet := gate.OffrirRejouable(echangeCarte, regle, options{}), gate.OffrirRejouable(echangeCachet, regle, options{Engage: true})
	porte := gate.NewPorte("tiers", confiance, roc.Test, x.amc.Cachet, parCarte.Oublieux(), parCachet.Oublieux())
	if sansTrace {
		porte = gate.NewPorteSansTrace("tarif", confiance, roc.Test, x.amc.Cachet, parCarte, parCachet)
	}
	x.s = x.ServirOuvert(t, b, []*roc.Norme{normeCarte}, porte)
	x.s.Portail.Log = slog.New(slog.NewTextHandler(&x.traces, nil))
	x.s.Cercle.Admettre(x.carte.Structure, officine)
	return x
}

func (x *bancCarte) question(e *roc.Echange[roc.DemandeEtat, roc.ReponseEtat]) *roc.Message[roc.DemandeEtat] {
	m := x.message(e)
	m.Enveloppe.Destinataire = confiance
	return m
}

func (x *bancCarte) scelle(t *testing.T, p *gatetest.Partie, e *roc.Echange[roc.DemandeEtat, roc.ReponseEtat], face sceau.Face, m *roc.Message[roc.DemandeEtat]) []byte {
	t.Helper()
	c, err := p.Cachet.REST(e.Demande.AppendJSON(nil, m), nil, x.Horloge())
	if face == sceau.SOAP {
		c, err = p.Cachet.SOAP(e.Demande.AppendXML(nil, e.NomDemande, m), nil, x.Horloge())
	}
	if err != nil {
		t.Fatal(err)
	}
	return c.Octets
}

var deuxFaces = []sceau.Face{sceau.REST, sceau.SOAP}

// The same message twice is answered twice by the rule: what is remembered of it is its key
// and its fingerprint, so that another question under its number is refused.
func TestServiceRejouable(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		for _, face := range deuxFaces {
			x := nouveauBancCarte(t, b, false)
			h, m := x.HTTP(x.carte), x.question(echangeCarte)
			x.regles = 0
			for range 2 {
				if r := x.envoyer(t, h, echangeCarte, face, x.scelle(t, x.carte, echangeCarte, face, m)); r.code != roc.Accepte {
					t.Fatalf("%s : %s", face, r.code)
				}
			}
			tr := x.s.Journal.Traces()
			if x.regles != 2 || len(tr) != 2 || tr[0].Repetition || !tr[1].Repetition || tr[0].Scelleur.Porteur.CN() != x.carte.Structure {
				t.Errorf("%s : règle appelée %d fois, %d feuilles", face, x.regles, len(tr))
			}
			m.Corps.Services = []roc.Service{roc.DLD}
			if r := x.envoyer(t, h, echangeCarte, face, x.scelle(t, x.carte, echangeCarte, face, m)); r.code != roc.MemeID || x.regles != 2 {
				t.Errorf("%s : même numéro, autre contenu : %s", face, r.code)
			}
			if d, err := x.s.Portail.Memoire.Retrouver(t.Context(), gate.Cle{Tenant: "tiers", Scelleur: x.carte.Structure, Service: roc.TAR, IDMessage: m.Enveloppe.IDMessage}); err != nil || len(d.Corps) != 0 {
				t.Errorf("%s : gardé %q, %v", face, d.Corps, err)
			}
			if q := x.s.Vigie.Demandeurs; len(q) != 2 && len(q) != 3 || q[0] != "PS-752000012" {
				t.Errorf("%s : comptés %v", face, q)
			}
		}
	}, store.Migrations)
}

// A party without trace answers, and nothing remains: no leaf, no row, no count, no line,
// neither of what it answers nor of what its rule refuses. Who is not admitted is told.
func TestPorteSansTrace(t *testing.T) {
	for _, face := range deuxFaces {
		x := nouveauBancCarte(t, nil, true)
		h := x.HTTP(x.carte)
		for _, refus := range []error{nil, roc.Refuser(roc.Illisible, "lignes"), io.ErrUnexpectedEOF} {
			x.refus = refus
			m := x.question(echangeCarte)
			want := roc.Accepte
			if refus != nil {
				want = roc.Illisible
			}
			if refus == io.ErrUnexpectedEOF {
				want = roc.Interne
			}
			if r := x.envoyer(t, h, echangeCarte, face, x.scelle(t, x.carte, echangeCarte, face, m)); r.code != want {
				t.Errorf("%s : %s, want %s", face, r.code, want)
			}
		}
		if x.regles != 3 {
			t.Errorf("%s : règle appelée %d fois", face, x.regles)
		}
		if n := bytes.Count(x.traces.Bytes(), []byte("\n")); n != 1 || bytes.Contains(x.traces.Bytes(), []byte("demande=")) {
			t.Errorf("%s : journal technique :\n%s", face, x.traces.String())
		}
		autre := x.Carte(t, rppsDeux)
		if r := x.envoyer(t, x.HTTP(autre), echangeCarte, face, x.scelle(t, autre, echangeCarte, face, x.question(echangeCarte))); r.code != roc.HorsCercle {
			t.Errorf("%s : hors du cercle : %s", face, r.code)
		}
		var rangs int
		if err := x.s.Base.Lecteur(t.Context()).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM message_traite").Scan(&rangs); err != nil || rangs != 0 {
			t.Errorf("%s : %d messages gardés, %v", face, rangs, err)
		}
		if len(x.s.Journal.Traces()) != 0 || len(x.s.Vigie.Demandeurs) != 0 || len(x.s.Vigie.Signaux) != 1 {
			t.Errorf("%s : %d feuilles, comptés %v, signaux %v", face, len(x.s.Journal.Traces()), x.s.Vigie.Demandeurs, x.s.Vigie.Signaux)
		}
	}
}

// A card seals what a card must, and nothing else; nobody seals in its place; a relay
// carries only what is encrypted; a card revoked on a living connection is refused at once.
func TestScelleParLaCarte(t *testing.T) {
	for _, face := range deuxFaces {
		x := nouveauBancCarte(t, nil, false)
		oct, autre := x.Partie(t, structureOCT, "RELAIS DE TEST"), x.Carte(t, rppsDeux)
		x.s.Cercle.Admettre(structureOCT, roc.Partie{Type: roc.OCT, ID: "OCT1"})
		x.s.Cercle.Porteur(structureOCT, x.carte.Structure)
		x.s.Cercle.Porteur(structureOCT, autre.Structure)
		collegue := x.Carte(t, "99900789019")
		x.s.Cercle.Admettre(collegue.Structure, roc.Partie{Type: roc.PS, ID: "752000020"})
		h := x.HTTP(x.carte)
		for _, c := range []struct {
			nom    string
			e      *roc.Echange[roc.DemandeEtat, roc.ReponseEtat]
			sceau  *gatetest.Partie
			client *http.Client
			want   roc.Code
		}{
			{"par la carte", echangeCarte, x.carte, h, roc.Accepte},
			{"le relais scelle à sa place", echangeCarte, oct, x.HTTP(oct), roc.CertificatRefuse},
			{"une autre carte, hors du cercle", echangeCarte, autre, x.HTTP(oct), roc.HorsCercle},
			{"la carte d'une autre officine", echangeCarte, collegue, x.HTTP(collegue), roc.AutreIdentifiant},
			{"une carte où il faut un cachet", echangeCachet, x.carte, h, roc.CertificatRefuse},
			{"en clair à travers un relais", echangeCarte, x.carte, x.HTTP(oct), roc.Illisible},
			{"par le canal d'une autre carte", echangeCarte, x.carte, x.HTTP(collegue), roc.Illisible},
		} {
			if r := x.envoyer(t, c.client, c.e, face, x.scelle(t, c.sceau, c.e, face, x.question(c.e))); r.code != c.want {
				t.Errorf("%s, %s : %s, want %s", face, c.nom, r.code, c.want)
			}
		}
		if x.regles != 1 {
			t.Errorf("%s : règle appelée %d fois", face, x.regles)
		}
		(&banc{Labo: x.Labo, tb: t}).revoquer(x.carte.CachetF.AC, x.carte.CachetF.Serie)
		if r := x.envoyer(t, h, echangeCarte, face, x.scelle(t, x.carte, echangeCarte, face, x.question(echangeCarte))); r.code != roc.CertificatRefuse {
			t.Errorf("%s : carte révoquée : %s", face, r.code)
		}
	}
}
