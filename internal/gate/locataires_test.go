package gate_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Several insurers behind one gate: the rule that answers is that of the insurer
// that the envelope names, never a neighbour's. ref: DEC 2
func TestChacunSaRegle(t *testing.T) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		t.Run(string(face), func(t *testing.T) {
			l := gatetest.New(t)
			es := l.Partie(t, structureES, "CH DE TEST")
			structures := map[string]string{"99000001": "2999123458", "99000101": "2999100803", "99000202": "2999100209"}
			var portes []*gate.Porte
			for amc, structure := range structures {
				portes = append(portes, porteQuiDitQui(amc, l.Partie(t, structure, "MUTUELLE "+amc)))
			}
			// One more, that offers nothing.
			portes = append(portes, gate.NewPorte("amc:99000303", roc.Partie{Type: roc.AMC, ID: "99000303"}, roc.Test, portes[0].Cachet()))
			s := l.Servir(t, nil, gate.Limites{}, portes...)
			s.Cercle.Admettre(structureES, hopital)
			client, _ := l.Client(t, es, hopital, face)
			client.Resolveur = &roc.Resolveur{Horloge: l.Horloge, Demander: func(_ context.Context, d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
				structure := structures[d.NumeroAMC.String()]
				if structure == "" {
					structure = structures[portes[0].Moi.ID]
				}
				r := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: d.NumeroAMC, Structure: structure}
				for _, x := range []roc.Service{roc.ETAT, roc.DEL} {
					r.Points = append(r.Points, roc.Point{Service: x, Adresse: s.Adresse, OuvertureDebut: 1, CertificatEmpreinte: []string{s.Epingle}})
				}
				return r, nil
			}}
			for range 6 {
				for amc, structure := range structures {
					chacun(t, client, amc, structure)
				}
			}
			if _, err := client.Etat(context.Background(), dossier, vers(t, "99000303"), &roc.DemandeEtat{}); code(err) != roc.Illisible {
				t.Errorf("AMC sans ce service : %v, veut %s", err, roc.Illisible)
			}
		})
	}
}

// A message that cannot be opened is refused under the seal of the party that it
// was for, which its emitter expects. ref: DEC 11
func TestChacunSonRefus(t *testing.T) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		t.Run(string(face), func(t *testing.T) {
			l := gatetest.New(t)
			es := l.Partie(t, structureES, "CH DE TEST")
			structures := map[string]string{"99000101": "2999100803", "99000202": "2999100209"}
			premiere := gate.NewPorte("amc:99000001", mutuelle, roc.Test, l.Partie(t, structureAMC, "MUTUELLE DE TEST").Cachet)
			portes := []*gate.Porte{premiere}
			for amc, structure := range structures {
				portes = append(portes, porteQuiDitQui(amc, l.Partie(t, structure, "MUTUELLE "+amc)))
			}
			s := l.Servir(t, nil, gate.Limites{}, portes...)
			for amc, structure := range structures {
				brut := sceller(t, l, es, face, amc)
				refuseSous(t, l, es, s, face, bytes.Replace(brut, []byte("V0001"), []byte("V0002"), 1), structure)
			}
			// For nobody here, or for nobody that can be read: the first party answers.
			refuseSous(t, l, es, s, face, bytes.Replace(sceller(t, l, es, face, "99000303"), []byte("V0001"), []byte("V0002"), 1), structureAMC)
			refuseSous(t, l, es, s, face, []byte("<x"), structureAMC)
		})
	}
}

// A channel that is refused is not read: the process answers under the seal of its
// first party, and the client still tells the reason. ref: DEC 11, 15
func TestCanalRefuseChezPlusieurs(t *testing.T) {
	x := nouveauBanc(t, nil, sceau.REST)
	x.s.Portail.Defaut = porteQuiDitQui("99000101", x.Partie(t, "2999100803", "MUTUELLE 99000101"))
	x.revoquer(x.es.AuthSerie.AC, x.es.AuthSerie.Serie)
	_, err := x.client.Etat(context.Background(), dossier, routage(), &roc.DemandeEtat{})
	if code(err) != roc.AutreIdentifiant || !strings.Contains(err.Error(), "il annonce S503 Certificat refusé") {
		t.Errorf("got %v", err)
	}
}

func sceller(t *testing.T, l *gatetest.Labo, es *gatetest.Partie, face sceau.Face, amc string) []byte {
	t.Helper()
	m := roc.Message[roc.DemandeEtat]{Corps: &roc.DemandeEtat{}, Enveloppe: roc.Enveloppe{
		NormeVersion: roc.Profil, Service: roc.ETAT, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
		IDDossierES: dossier, Horodatage: l.Horloge(), Emetteur: hopital, Destinataire: roc.Partie{Type: roc.AMC, ID: amc}, Environnement: roc.Test}}
	var s sceau.Scelle
	var err error
	if face == sceau.REST {
		s, err = es.Cachet.REST(roc.EchangeEtat.Demande.AppendJSON(nil, &m), nil, l.Horloge())
	} else {
		s, err = es.Cachet.SOAP(roc.EchangeEtat.Demande.AppendXML(nil, roc.EchangeEtat.NomDemande, &m), nil, l.Horloge())
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.Octets
}

func refuseSous(t *testing.T, l *gatetest.Labo, es *gatetest.Partie, s *gatetest.Serveur, face sceau.Face, brut []byte, structure string) {
	t.Helper()
	chemin, genre, ouvrir := roc.ETAT.Chemin(), "application/json", (&sceau.Ouvreur{Juge: l.Magasin}).REST
	if face == sceau.SOAP {
		chemin, genre, ouvrir = roc.CheminSOAP, "application/soap+xml", (&sceau.Ouvreur{Juge: l.Magasin}).SOAP
	}
	r, err := l.HTTP(es).Post(s.Adresse+chemin, genre, bytes.NewReader(brut))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ouvrir(b, l.Horloge())
	if err != nil {
		t.Fatalf("%v : %s", err, b)
	}
	if got := p.Scelleur().Porteur.Structure(); r.StatusCode < 400 || got != structure {
		t.Errorf("HTTP %d scellé par %s, veut un refus de %s", r.StatusCode, got, structure)
	}
}

func chacun(t *testing.T, client *roc.Client, amc, structure string) {
	t.Helper()
	e, err := client.Etat(context.Background(), dossier, vers(t, amc), &roc.DemandeEtat{})
	if err != nil {
		t.Fatal(err)
	}
	if e.Corps.Precision != amc || e.Repondant != structure {
		t.Fatalf("état demandé à %s : règle de %s, sceau de %s", amc, e.Corps.Precision, e.Repondant)
	}
	d, err := client.DEL(context.Background(), dossier, vers(t, amc), demandeDEL())
	if err != nil {
		t.Fatal(err)
	}
	if d.Corps.Precision != amc || d.Repondant != structure {
		t.Fatalf("annulation demandée à %s : règle de %s, sceau de %s", amc, d.Corps.Precision, d.Repondant)
	}
}

func vers(t *testing.T, amc string) roc.Routage {
	t.Helper()
	r := routage()
	var err error
	if r.NumeroAMC, err = sante.ParseNumeroAMC(amc); err != nil {
		t.Fatal(err)
	}
	return r
}

// porteQuiDitQui makes an insurer whose rules tell which insurer ran them.
func porteQuiDitQui(amc string, p *gatetest.Partie) *gate.Porte {
	etat := func(context.Context, sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
		return &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, amc)}, nil
	}
	del := func(context.Context, sceau.Opened[roc.Message[roc.DemandeDEL]]) (*roc.ReponseDEL, error) {
		return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, amc), EtatEngagement: roc.EtatAnnule}, nil
	}
	return gate.NewPorte("amc:"+amc, roc.Partie{Type: roc.AMC, ID: amc}, roc.Test, p.Cachet,
		gate.Offrir(roc.EchangeDEL, del, gate.Options[roc.DemandeDEL, roc.ReponseDEL]{Engage: true}),
		gate.Offrir(roc.EchangeEtat, etat, gate.Options[roc.DemandeEtat, roc.ReponseEtat]{}))
}
