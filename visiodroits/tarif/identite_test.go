package tarif_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// fil is a message as it travels: how it is written, and how a text is admitted.
type fil struct {
	nom       string
	json, xml []byte
	admise    func(b []byte) error // of either face
}

// controlable is what every fine message is.
type controlable interface{ Controler() error }

func filDe[T any](t testing.TB, nom string, v *T) fil {
	t.Helper()
	p := trame.Pour[T](tarif.Espace)
	if err := p.Verify(v); err != nil {
		t.Fatalf("%s : %v", nom, err)
	}
	lire := func(b []byte, v *T) error {
		if b[0] == '<' {
			return p.DecodeXML(b, nom, v)
		}
		return p.DecodeJSON(b, v)
	}
	// What is written is read again, the same, on both faces.
	x := p.AppendXML(nil, nom, v)
	for _, b := range [][]byte{p.AppendJSON(nil, v), x} {
		lu := new(T)
		if err := lire(b, lu); err != nil || string(p.AppendJSON(nil, lu)) != string(p.AppendJSON(nil, v)) {
			t.Fatalf("%s : relu, %v\n%s", nom, err, b)
		}
	}
	return fil{nom, p.AppendJSON(nil, v), x, func(b []byte) error {
		v := new(T)
		if err := lire(b, v); err != nil {
			return err
		}
		if c, ok := any(v).(controlable); ok {
			return c.Controler()
		}
		return nil
	}}
}

// fils are all the messages of the fine side, and the text that is encrypted.
func fils(t testing.TB) []fil {
	t.Helper()
	d, cles := cleTiers(t, "courante")
	dossier := tire[tarif.NumeroDossier](t)(tarif.TirerNumeroDossier(nil))
	lien := tire[tarif.Lien](t)(tarif.TirerLien(nil))
	ref := tire[tarif.Reference](t)(tarif.TirerReference(nil))
	pseudo := tire[tarif.Pseudonyme](t)(tarif.TirerPseudonyme(nil))
	grille := tire[tarif.IDGrille](t)(tarif.ParseIDGrille("OPTIQUE-A"))
	empreinte := tire[tarif.EmpreinteFacture](t)(tarif.ParseEmpreinteFacture("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"))
	q, err := tarif.Poste{Tiers: d}.Preparer(dossier, jour, tarif.Engagement, verres(t))
	if err != nil {
		t.Fatal(err)
	}
	numero, _ := tarif.NumeroTarificationDe([16]byte{3})
	parts := []tarif.LigneTarifee{{Rang: 1, MontantAMC: 19500, Regle: "F05", Motif: "Formule F05 : frais réels"}, {Rang: 2, Regle: "F00", Motif: "Rien"}}
	total, reste := sante.Montant(19500), sante.Montant(1290)
	amc, err := sante.ParseNumeroAMC("99000001")
	if err != nil {
		t.Fatal(err)
	}
	jeton, err := tarif.Jeton{AMC: amc, Grille: grille, Effectif: 30, Lien: lien, Debut: jour, Fin: jour, Expiration: jour}.Sceller(d, emetteurDore(t).kid, emetteurDore(t).cle)
	if err != nil {
		t.Fatal(err)
	}
	l := []fil{
		filDe(t, "DemandeDossier", &tarif.DemandeDossier{Jeton: jeton}),
		filDe(t, "ReponseDossier", &tarif.ReponseDossier{Retour: tarif.RetourDe(tarif.Accepte, "p"), NumeroDossier: dossier, Expiration: jour}),
		filDe(t, "DemandeTarification", q.Demande),
		filDe(t, "ReponseTarification", &tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.Accepte, "p"), Lignes: parts, TotalAMC: &total, TotalPatient: &reste,
			NumeroTarification: numero, Validite: jour.Debut(sante.Paris())}),
		filDe(t, "DemandeGrille", &tarif.DemandeGrille{Reference: ref, Grille: grille, Jour: jour, Categorie: tarif.Pharmacie, Pseudonyme: pseudo, Lignes: verres(t)}),
		filDe(t, "ReponseGrille", &tarif.ReponseGrille{Retour: tarif.RetourDe(tarif.Accepte, "p"), Reference: ref, Lignes: parts}),
		filDe(t, "DemandeControle", &tarif.DemandeControle{NumeroTarification: numero, Lien: lien, Facture: empreinte,
			Montants: []tarif.MontantFamille{{Famille: calcul.FamilleDMI, Depense: 20100, AMO: 600, AMC: 19500}}}),
		filDe(t, "ReponseControle", &tarif.ReponseControle{Retour: tarif.RetourDe(tarif.Accepte, "p"), Conforme: tarif.Oui}),
	}
	// The encrypted text is read by the third party only: it is admitted through it.
	x := &tarif.Delivrance{NumeroDossier: dossier, DateDelivrance: jour, Sens: tarif.Engagement, Lignes: verres(t)}
	f := filDe(t, "Delivrance", x)
	f.xml = nil // it is JSON on both faces
	f.admise = func(b []byte) error {
		c, err := d.Chiffrer(b)
		if err != nil {
			t.Fatal(err)
		}
		_, err = cles.Ouvrir(&tarif.DemandeTarification{NumeroDossier: dossier, DateDelivrance: jour, Sens: tarif.Engagement, Lignes: c})
		return err
	}
	return append(l, f)
}

// feuilles lists where the values of a JSON text are, as functions that put another
// there and write the text again; and one that adds a member.
func feuilles(t testing.TB, b []byte) (l []func(v any) []byte) {
	t.Helper()
	var racine any
	if err := json.Unmarshal(b, &racine); err != nil {
		t.Fatal(err)
	}
	ecrire := func() []byte {
		b, err := json.Marshal(racine)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var voir func(v any, poser func(any))
	voir = func(v any, poser func(any)) {
		switch v := v.(type) {
		case map[string]any:
			for nom, x := range v {
				voir(x, func(y any) { v[nom] = y })
			}
			l = append(l, func(y any) []byte { v["autre"] = y; defer delete(v, "autre"); return ecrire() })
		case []any:
			for i, x := range v {
				voir(x, func(y any) { v[i] = y })
			}
		default:
			l = append(l, func(y any) []byte { poser(y); defer poser(v); return ecrire() })
		}
	}
	voir(racine, nil)
	return l
}

// texteXML is the text of an element.
var texteXML = regexp.MustCompile(`>[^<]+<`)

// No value that is a NIR passes, in any member of any fine message, encrypted or not.
// ref: VISIO §10 rule 2, T620
func TestAucunNIR(t *testing.T) {
	for _, f := range fils(t) {
		if err := f.admise(f.json); err != nil {
			t.Fatalf("%s, bon, est refusé : %v", f.nom, err)
		}
		places := feuilles(t, f.json)
		rapid.Check(t, func(t *rapid.T) {
			treize := rapid.StringMatching(`[1-9][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2A|2B)[0-9]{6}`).Draw(t, "nir")
			nir, err := sante.ParseNIR(treize + sante.CleNIR(treize))
			if err != nil {
				t.Skip("clé absente")
			}
			i := rapid.IntRange(0, len(places)-1).Draw(t, "place")
			if b := places[i](nir.String()); f.admise(b) == nil {
				t.Fatalf("%s admet un NIR : %s", f.nom, b)
			}
			if textes := texteXML.FindAllIndex(f.xml, -1); len(textes) > 0 {
				j := textes[rapid.IntRange(0, len(textes)-1).Draw(t, "place en XML")]
				b := slices.Concat(f.xml[:j[0]+1], []byte(nir.String()), f.xml[j[1]-1:])
				if f.admise(b) == nil {
					t.Fatalf("%s admet un NIR : %s", f.nom, b)
				}
			}
			if b := places[i](json.Number(treize[:5] + "75" + treize[7:])); f.admise(b) == nil {
				t.Fatalf("%s admet un NIR en nombre : %s", f.nom, b)
			}
		})
	}
}

// What tells a person is told T620; a mere mistake is not, and what is ours passes.
func TestExaminer(t *testing.T) {
	cle := sante.CleNIR("1850578006084")
	for _, c := range []struct {
		cas, corps string
		passe      bool
	}{
		{"un membre d'identité", `{"nom":"X"}`, false},
		{"un membre d'identité, en capitales", `{"NIR":"X"}`, false},
		{"un NIR dans une liste", `{"a":["1850578006084` + cle + `"]}`, false},
		{"un NIR en nombre", `{"a":1850578006084` + cle + `}`, false},
		{"un NIR en nom de membre", `{"1850578006084` + cle + `":1}`, false},
		{"un NIR espacé", `{"a":"1 85 05 78 006 084"}`, false},
		{"un RPPS", `{"a":"99900000006"}`, rppsFaux("99900000006")},
		{"une date de naissance", `{"a":"19500312"}`, false},
		{"une date de naissance lunaire", `{"a":"19501900"}`, false},
		{"une date de naissance à la française", `{"a":"12/03/1950"}`, false},
		{"un texte libre", `{"a":"Marie Durand"}`, false},
		{"un accent", `{"a":"Léa"}`, false},
		{"une adresse", `{"a":"lea@exemple.fr"}`, false},
		{"un nom en XML", `<x><nomNaissance>D</nomNaissance></x>`, false},
		{"un NIR en attribut", `<x a="1850578006084` + cle + `"/>`, false},
		{"un commentaire", `<x><!-- Durand --></x>`, false},
		{"une faute", `{"a":"F12"}`, true},
		{"un jour de délivrance", `{"jour":"2026-11-23"}`, true},
		{"un code de produit long", `{"a":"3400930000007"}`, true},
		{"rien", ``, true},
	} {
		err := tarif.Examiner([]byte(c.corps))
		var interdit *tarif.Interdit
		if (err == nil) != c.passe || err != nil && !errors.As(err, &interdit) {
			t.Errorf("%s : %v", c.cas, err)
		}
	}
	for _, f := range fils(t) {
		if f.nom[:7] == "Demande" {
			if err := tarif.Examiner(f.json); err != nil {
				t.Errorf("%s, bon : %v", f.nom, err)
			}
		}
	}
}

// In a whole message, names are looked at everywhere, values in the body only: a party of the
// envelope is not a person.
func TestExaminerMessage(t *testing.T) {
	for corps, passe := range map[string]bool{
		`{"enveloppe":{"emetteur":{"id":"19500312","libelle":"Pharmacie du Pont"}},"corps":{"lignes":"F12"}}`: true,
		`{"enveloppe":{"emetteur":{"id":"752000012"}},"corps":{"autre":["19500312"]}}`:                        false,
		`{"enveloppe":{"emetteur":{"nir":"X"}},"corps":{}}`:                                                   false,
		`{"corps":{},"nom":"X"}`: false,
		`<B><D><enveloppe><libelle>Pharmacie du Pont</libelle></enveloppe><corps><a>F12</a></corps></D></B>`: true,
		`<B><D><corps><a>F12</a></corps><suite>Pharmacie du Pont</suite></D></B>`:                            true,
		`<B><D><corps><a><b c="19500312"/></a></corps></D></B>`:                                              false,
		`<B><D><enveloppe><prenom>X</prenom></enveloppe><corps/></D></B>`:                                    false,
	} {
		var x *tarif.Interdit
		if err := tarif.ExaminerMessage([]byte(corps)); (err == nil) != passe || err != nil && !errors.As(err, &x) {
			t.Errorf("%s : %v", corps, err)
		}
	}
}

func rppsFaux(s string) bool { _, err := sante.ParseRPPS(s); return err != nil }

// The readable header of a cipher text names a key, and holds nothing else.
func TestEnteteChiffre(t *testing.T) {
	d, _ := cleTiers(t, "courante")
	for _, kid := range []string{"185057800608436", "Marie Durand", "courante"} {
		s, err := jades.Chiffrer([]byte("{}"), d.Cle, kid)
		if err != nil {
			t.Fatal(err)
		}
		if tarif.Chiffre(s).Controler("lignes") == nil {
			t.Errorf("kid %q admis", kid)
		}
	}
}

func FuzzExaminer(f *testing.F) {
	f.Add([]byte(`{"a":["x",1,{"b":"19500312"}]}`))
	f.Add([]byte(`<a b="c">d<!--e--></a>`))
	f.Add([]byte(`{"enveloppe":{"emetteur":{"id":"19500312"}},"corps":{"lignes":"x","autre":["19500312"]}}`))
	f.Add([]byte(`<Demande><enveloppe nom="x"><id>19500312</id></enveloppe><corps><a><nir>1</nir></a></corps></Demande>`))
	f.Add([]byte(`<corps><corps/></corps><a>19500312</a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, c := tarif.Examiner(b), tarif.Examiner(b)
		if (a == nil) != (c == nil) {
			t.Error("deux lectures, deux avis")
		}
		if tarif.ExaminerMessage(b) != nil && a == nil {
			t.Error("un message dit plus que son tout")
		}
		if nir, err := sante.ParseNIR(string(b)); err == nil {
			if tarif.Examiner([]byte(`{"a":"`+nir.String()+`"}`)) == nil {
				t.Error("un NIR passe")
			}
		}
	})
}
