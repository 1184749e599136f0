package tiers_test

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/internal/tiers/tierstest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

const officine = "2999000011"

var jour = tierstest.Jour

func lignes(t testing.TB) []vd.Ligne {
	t.Helper()
	return []vd.Ligne{tierstest.Ligne(t, 1, calcul.FamilleDMI, "9900022", 20000), tierstest.Ligne(t, 2, calcul.FamilleMED, "9900055", 1501)}
}

// demander prices a delivery as a workstation does, and reads the answer.
func demander(t testing.TB, p *tierstest.Partie, n vd.NumeroDossier, s vd.Sens, l []vd.Ligne) (*vd.Prix, *vd.ReponseTarification) {
	t.Helper()
	q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, jour, s, l)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Service.Tarifer(context.Background(), p.Carte(officine), q.Demande)
	if err != nil {
		t.Fatal(err)
	}
	x, err := q.Lire(r)
	if r.Accord() && err != nil {
		t.Fatal(err)
	}
	return x, r
}

// A token opens one file, for whoever the rules allow.
func TestOuvrir(t *testing.T) {
	p := tierstest.NouvellePartie(t, nil, new(tierstest.Moitie))
	ctx, bon := context.Background(), p.Jeton(t, nil)
	altere := []byte(bon)
	altere[len(altere)-30] ^= 1
	_, libre, _ := strings.Cut(string(bon), ".")
	for _, c := range []struct {
		cas   string
		jeton vd.Chiffre
		code  vd.Code
	}{
		{"bon", bon, vd.Accepte},
		{"le même, une seconde fois", bon, vd.Accepte},
		{"altéré", vd.Chiffre(altere), vd.Indechiffrable},
		{"en-tête qui en dit trop", vd.Chiffre("eyJraWQiOiJEVVBPTlQifQ." + libre), vd.IdentiteEnTrop},
		{"expiré la veille", p.Jeton(t, func(j *vd.Jeton) { j.Expiration = jour - 1 }), vd.DossierInconnu},
		{"qui expire aujourd'hui", p.Jeton(t, func(j *vd.Jeton) { j.Expiration = jour }), vd.Accepte},
		{"droits finis", p.Jeton(t, func(j *vd.Jeton) { j.Debut, j.Fin = jour-30, jour-2 }), vd.DossierInconnu},
		{"grille de 19 personnes", p.Jeton(t, func(j *vd.Jeton) { j.Effectif = 19 }), vd.SansDossier},
		{"grille d'une personne", p.Jeton(t, func(j *vd.Jeton) { j.Effectif = 1 }), vd.SansDossier},
	} {
		r, err := p.Service.Ouvrir(ctx, p.Carte(officine), &vd.DemandeDossier{Jeton: c.jeton})
		if err != nil || r.CodeRetour != c.code || r.NumeroDossier.IsZero() == r.Accord() {
			t.Errorf("%s : %+v, %v", c.cas, r, err)
		}
		if err == nil && r.Accord() && r.Expiration != jour+29 {
			t.Errorf("%s : expire le %s", c.cas, r.Expiration)
		}
	}
}

// A token that the insurer did not sign opens nothing, whoever brings it: made by a
// pharmacy, signed by another issuer or by a key taken back, or another thing that the same
// key signed.
func TestJetonForge(t *testing.T) {
	p := tierstest.NouvellePartie(t, nil, new(tierstest.Moitie))
	k := p.Emetteur
	chiffrer := func(clair string, err error) vd.Chiffre {
		t.Helper()
		c, errC := p.Courante.Chiffrer([]byte(clair))
		if err := errors.Join(err, errC); err != nil {
			t.Fatal(err)
		}
		return c
	}
	sceller := func(j vd.Jeton, kid string, e tierstest.Emetteur) vd.Chiffre {
		t.Helper()
		c, err := j.Sceller(p.Courante, kid, e.Privee)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	clair := func() string {
		j := tierstest.JetonDe(t)
		b, err := p.Trousseau.Dechiffrer(sceller(j, k.Kid, k))
		if err != nil {
			t.Fatal(err)
		}
		n, err := jades.LireNomme(b, 4096)
		if err != nil {
			t.Fatal(err)
		}
		return string(n.Contenu)
	}()
	autre, suivante := tierstest.NouvelEmetteur(t), tierstest.NouvelEmetteur(t)
	autreAMC := tierstest.JetonDe(t)
	if err := autreAMC.AMC.UnmarshalText([]byte("99000002")); err != nil {
		t.Fatal(err)
	}
	k.Publiques[suivante.Kid] = &suivante.Privee.PublicKey // the next key is published while the former still is
	ancien := sceller(tierstest.JetonDe(t), k.Kid, k)
	ouvrir := func(cas string, c vd.Chiffre, code vd.Code) {
		t.Helper()
		p.Memoire.Appels = nil
		r, err := p.Service.Ouvrir(context.Background(), p.Carte(officine), &vd.DemandeDossier{Jeton: c})
		if err != nil || r.CodeRetour != code || r.NumeroDossier.IsZero() == r.Accord() || !r.Accord() && len(p.Memoire.Appels) > 0 {
			t.Errorf("%s : %+v, %v, %v", cas, r, err, p.Memoire.Appels)
		}
	}
	ouvrir("sans signature", chiffrer(clair, nil), vd.JetonRefuse)
	ouvrir("signé d'une autre clé, sous son nom", sceller(tierstest.JetonDe(t), autre.Kid, autre), vd.JetonRefuse)
	ouvrir("signé d'une autre clé, sous le nom de la bonne", sceller(tierstest.JetonDe(t), k.Kid, autre), vd.JetonRefuse)
	ouvrir("au nom d'une AMC dont ce n'est pas l'émetteur", sceller(autreAMC, k.Kid, k), vd.JetonRefuse)
	ouvrir("signé par la bonne clé, à un autre titre", chiffrer(jades.SignerNomme([]byte(clair), k.Kid, "ecluse-accreditation+json", k.Privee)), vd.JetonRefuse)
	ouvrir("signé, et écrit autrement", chiffrer(jades.SignerNomme([]byte(" "+clair), k.Kid, "ecluse-jeton-dossier+json", k.Privee)), vd.JetonRefuse)
	ouvrir("signé, et sans rien", chiffrer(jades.SignerNomme([]byte("{}"), k.Kid, "ecluse-jeton-dossier+json", k.Privee)), vd.JetonRefuse)
	ouvrir("de la clé suivante", sceller(tierstest.JetonDe(t), suivante.Kid, suivante), vd.Accepte)
	ouvrir("de l'ancienne, encore publiée", ancien, vd.Accepte)
	encore := sceller(tierstest.JetonDe(t), k.Kid, k)
	delete(k.Publiques, k.Kid)
	ouvrir("de l'ancienne, retirée", encore, vd.JetonRefuse)
	p.Service.Emetteurs = muet{}
	ouvrir("sans liste à jour", sceller(tierstest.JetonDe(t), suivante.Kid, suivante), vd.Indisponible)
}

// muet is a third party whose lists of keys are late.
type muet struct{}

func (muet) Cle(context.Context, sante.NumeroAMC, string) (*ecdsa.PublicKey, error) {
	return nil, vd.ErrAcces
}

// One token, one file: asked again, a day later, it is the same, with the same end;
// another pharmacy gets none.
func TestOuvrirEncore(t *testing.T) {
	p := tierstest.NouvellePartie(t, nil, new(tierstest.Moitie))
	jeton := &vd.DemandeDossier{Jeton: p.Jeton(t, nil)}
	premier, err := p.Service.Ouvrir(context.Background(), p.Carte(officine), jeton)
	if err != nil || !premier.Accord() {
		t.Fatal(premier, err)
	}
	q, err := vd.Poste{Tiers: p.Courante}.Preparer(premier.NumeroDossier, jour, vd.Engagement, lignes(t))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := p.Service.Tarifer(context.Background(), p.Carte(officine), q.Demande); err != nil || !r.Accord() {
		t.Fatalf("%+v, %v", r, err)
	}
	p.Regler(p.Instant().Add(24 * time.Hour))
	encore, err := p.Service.Ouvrir(context.Background(), p.Carte(officine), jeton)
	if err != nil || !cmp.Equal(*premier, *encore, cmp.Comparer(func(a, b vd.NumeroDossier) bool { return a == b })) {
		t.Errorf("%+v, %v, au lieu de %+v", encore, err, premier)
	}
	if r, err := p.Service.Ouvrir(context.Background(), p.Carte("2999000022"), jeton); err != nil || r.CodeRetour != vd.DossierInconnu || !r.NumeroDossier.IsZero() {
		t.Errorf("une autre officine : %+v, %v", r, err)
	}
}

// On a doubt about the card, nothing is done. ref: VISIO §9.2, §9.3
func TestCarte(t *testing.T) {
	prix := new(tierstest.Moitie)
	p := tierstest.NouvellePartie(t, nil, prix)
	n := p.Dossier(t, officine, nil)
	q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, jour, vd.Devis, lignes(t))
	if err != nil {
		t.Fatal(err)
	}
	p.Memoire.Appels = nil
	for _, c := range []struct {
		cas     string
		changer func(c *tiers.Carte)
		code    roc.Code
	}{
		{"aucune carte", func(c *tiers.Carte) { *c = tiers.Carte{} }, roc.AutreIdentifiant},
		{"sans porteur", func(c *tiers.Carte) { c.RPPS = "" }, roc.AutreIdentifiant},
		{"sans structure", func(c *tiers.Carte) { c.Structure = "" }, roc.AutreIdentifiant},
		{"non vérifiée", func(c *tiers.Carte) { c.VerifieeA = time.Time{} }, roc.CertificatRefuse},
		{"vérifiée hier", func(c *tiers.Carte) { c.VerifieeA = c.VerifieeA.Add(-24 * time.Hour) }, roc.CertificatRefuse},
		{"vérifiée demain", func(c *tiers.Carte) { c.VerifieeA = c.VerifieeA.Add(24 * time.Hour) }, roc.CertificatRefuse},
		{"sans liste de révocation", func(c *tiers.Carte) { c.ListeDu = time.Time{} }, roc.CertificatRefuse},
		{"liste de la veille", func(c *tiers.Carte) { c.ListeDu = c.ListeDu.Add(-24 * time.Hour) }, roc.CertificatRefuse},
	} {
		carte := p.Carte(officine)
		c.changer(&carte)
		var refus *roc.Refus
		if r, err := p.Service.Tarifer(context.Background(), carte, q.Demande); !errors.As(err, &refus) || refus.Code != c.code || r != nil {
			t.Errorf("%s : tarifer : %v, %v", c.cas, r, err)
		}
		if r, err := p.Service.Ouvrir(context.Background(), carte, &vd.DemandeDossier{Jeton: p.Jeton(t, nil)}); !errors.As(err, &refus) || refus.Code != c.code || r != nil {
			t.Errorf("%s : ouvrir : %v, %v", c.cas, r, err)
		}
	}
	if len(prix.Vues) != 0 || len(p.Memoire.Appels) != 0 {
		t.Errorf("une carte refusée a fait travailler : %v, %v", prix.Vues, p.Memoire.Appels)
	}
}

// A delivery is priced, then committed; the pricing service sees none of the numbers.
func TestTarifer(t *testing.T) {
	prix := new(tierstest.Moitie)
	p := tierstest.NouvellePartie(t, nil, prix)
	n := p.Dossier(t, officine, nil)
	x, r := demander(t, p, n, vd.Devis, lignes(t))
	if x.AMC != 10750 || x.Patient != 10751 || !x.Numero.IsZero() || !r.Validite.Equal((jour + 1).Debut(sante.Paris()).Add(-time.Second)) {
		t.Errorf("devis : %+v, %s", x, r.Validite)
	}
	if slices.Contains(p.Memoire.Appels, "Promettre") {
		t.Error("un devis laisse une trace")
	}
	y, r := demander(t, p, n, vd.Engagement, lignes(t))
	if y.Partage != x.Partage || y.Numero.IsZero() || !r.Validite.Equal((jour + 30).Debut(sante.Paris()).Add(-time.Second)) {
		t.Errorf("engagement : %+v, %s", y, r.Validite)
	}
	autre := p.Dossier(t, officine, nil)
	demander(t, p, autre, vd.Devis, lignes(t))
	a, b, c := prix.Vues[0], prix.Vues[1], prix.Vues[2]
	if a.Reference == b.Reference || a.Pseudonyme != b.Pseudonyme || a.Pseudonyme == c.Pseudonyme {
		t.Error("une référence sert deux fois, ou le pseudonyme n'est pas celui du dossier seul")
	}
	for _, v := range prix.Vues {
		s, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{n.String(), autre.String(), y.Numero.String(), officine, "99900000001", "99000001"} {
			if strings.Contains(string(s), secret[1:]) {
				t.Errorf("le service de tarification voit %s", secret)
			}
		}
	}
}

// Each refusal has its code.
func TestTariferRefuse(t *testing.T) {
	prix := new(tierstest.Moitie)
	p := tierstest.NouvellePartie(t, nil, prix)
	ctx, n := context.Background(), p.Dossier(t, officine, nil)
	inconnu, err := vd.TirerNumeroDossier(nil)
	if err != nil {
		t.Fatal(err)
	}
	futur := p.Dossier(t, officine, func(j *vd.Jeton) { j.Debut = jour + 1 })
	etranger := vd.Poste{Tiers: tierstest.Cle(t, "étrangère", vd.Trousseau{})}
	poste, suivant := vd.Poste{Tiers: p.Courante}, vd.Poste{Tiers: p.Suivante}
	preparer := func(x vd.Poste, n vd.NumeroDossier, j sante.Jour) *vd.DemandeTarification {
		q, err := x.Preparer(n, j, vd.Engagement, lignes(t))
		if err != nil {
			t.Fatal(err)
		}
		return q.Demande
	}
	brut := func(s string) *vd.DemandeTarification {
		c, err := p.Courante.Chiffrer([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return &vd.DemandeTarification{NumeroDossier: n, DateDelivrance: jour, Sens: vd.Devis, Lignes: c}
	}
	for _, c := range []struct {
		cas   string
		d     *vd.DemandeTarification
		carte string
		code  vd.Code
	}{
		{"bonne", preparer(poste, n, jour), officine, vd.Accepte},
		{"la clé suivante", preparer(suivant, n, jour), officine, vd.Accepte},
		{"une autre clé", preparer(etranger, n, jour), officine, vd.Indechiffrable},
		{"dossier inconnu", preparer(poste, inconnu, jour), officine, vd.DossierInconnu},
		{"dossier d'une autre officine", preparer(poste, n, jour), "2999000022", vd.DossierInconnu},
		{"avant les droits", preparer(poste, futur, jour), officine, vd.DossierInconnu},
		{"délivrance de l'avant-veille, hors droits", preparer(poste, n, jour-2), officine, vd.DossierInconnu},
		{"délivrance à venir", preparer(poste, n, jour+2), officine, "T001"},
		{"délivrance trop ancienne", preparer(poste, n, jour-32), officine, "T001"},
		{"une date de naissance pour jour", preparer(poste, n, sante.JourDe(1950, 3, 12)), officine, vd.IdentiteEnTrop},
		{"un membre d'identité sous le chiffrement", brut(`{"nomNaissance":"X"}`), officine, vd.IdentiteEnTrop},
		{"une faute sous le chiffrement", brut(`{"lignes":[]}`), officine, "T001"},
		{"rien sous le chiffrement", brut(``), officine, "T001"},
	} {
		r, err := p.Service.Tarifer(ctx, p.Carte(c.carte), c.d)
		var rejet *roc.Refus
		if errors.As(err, &rejet) && string(rejet.Code) == string(c.code) && r == nil {
			continue
		}
		if err != nil || r.CodeRetour != c.code {
			t.Errorf("%s : %+v, %v", c.cas, r, err)
			continue
		}
		if !r.Accord() && (len(r.Lignes) > 0 || !r.NumeroTarification.IsZero() || r.TotalAMC != nil) {
			t.Errorf("%s : un refus dit des montants : %+v", c.cas, r)
		}
	}
	p.Regler((jour + 29).Debut(sante.Paris()).Add(20 * time.Hour))
	if r, err := p.Service.Tarifer(ctx, p.Carte(officine), preparer(poste, n, jour+29)); err != nil || !r.Accord() {
		t.Errorf("le dernier jour : %+v, %v", r, err)
	}
	p.Regler((jour + 30).Debut(sante.Paris()).Add(time.Second))
	if r, err := p.Service.Tarifer(ctx, p.Carte(officine), preparer(poste, n, jour+30)); err != nil || r.CodeRetour != vd.DossierInconnu {
		t.Errorf("le dossier expiré : %+v, %v", r, err)
	}
}

// What the pricing service does wrong is never passed on.
func TestTarificateurFaux(t *testing.T) {
	prix := new(tierstest.Moitie)
	p := tierstest.NouvellePartie(t, nil, prix)
	n := p.Dossier(t, officine, nil)
	q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, jour, vd.Engagement, lignes(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cas  string
		dire func(r *vd.ReponseGrille)
	}{
		{"autre référence", func(r *vd.ReponseGrille) { r.Reference = vd.Reference{} }},
		{"ligne en moins", func(r *vd.ReponseGrille) { r.Lignes = r.Lignes[:1] }},
		{"part démesurée", func(r *vd.ReponseGrille) { r.Lignes[0].MontantAMC = 20001 }},
		{"part négative", func(r *vd.ReponseGrille) { r.Lignes[0].MontantAMC = -1 }},
		{"un NIR dans le motif", func(r *vd.ReponseGrille) { r.Lignes[0].Motif = "1 85 05 78 006 084" }},
	} {
		prix.Dire = c.dire
		if r, err := p.Service.Tarifer(context.Background(), p.Carte(officine), q.Demande); err == nil {
			t.Errorf("%s : %+v", c.cas, r)
		}
	}
	prix.Dire, prix.Panne = nil, errors.New("panne")
	if r, err := p.Service.Tarifer(context.Background(), p.Carte(officine), q.Demande); err != nil || r.CodeRetour != vd.Indisponible {
		t.Errorf("panne : %+v, %v", r, err)
	}
	prix.Panne = roc.Refuser(roc.Illisible, "texte du service")
	var illisible *roc.Refus
	if r, err := p.Service.Tarifer(context.Background(), p.Carte(officine), q.Demande); !errors.As(err, &illisible) || illisible.Detail == "texte du service" {
		t.Errorf("lignes refusées : %+v, %v", r, err)
	}
	prix.Panne, prix.Dire = nil, func(r *vd.ReponseGrille) { r.Retour = vd.RetourDe(vd.NonOuvert, "texte") }
	if r, err := p.Service.Tarifer(context.Background(), p.Carte(officine), q.Demande); err != nil || r.CodeRetour != vd.NonOuvert || r.Precision != "" {
		t.Errorf("non ouvert : %+v, %v", r, err)
	}
}

// One commitment a file and a day: asked again it is the same; another takes its place,
// until an invoice has used it. ref: VISIO §11
func TestEngagementUnique(t *testing.T) {
	p := tierstest.NouvellePartie(t, nil, new(tierstest.Moitie))
	n := p.Dossier(t, officine, nil)
	a, _ := demander(t, p, n, vd.Engagement, lignes(t))
	meme, _ := demander(t, p, n, vd.Engagement, lignes(t))
	if a.Numero != meme.Numero {
		t.Error("la même demande a deux numéros")
	}
	var fin sync.WaitGroup
	q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, jour, vd.Engagement, lignes(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		fin.Go(func() {
			r, err := p.Service.Tarifer(context.Background(), p.Carte(officine), q.Demande)
			if err != nil || r.NumeroTarification != a.Numero {
				t.Errorf("en parallèle : %+v, %v", r, err)
			}
		})
	}
	fin.Wait()
	b, _ := demander(t, p, n, vd.Engagement, lignes(t)[:1])
	if b.Numero == a.Numero {
		t.Error("deux délivrances ont un numéro")
	}
	if _, r := demander(t, p, n, vd.Devis, lignes(t)); !r.Accord() {
		t.Errorf("un devis après un engagement : %+v", r)
	}
}

// The control says yes to the right invoice, once; no to everything else, in the same
// words and by the same work. ref: VISIO §13 F708
func TestControler(t *testing.T) {
	var lien vd.Lien
	p := tierstest.NouvellePartie(t, nil, new(tierstest.Moitie))
	n := p.Dossier(t, officine, func(j *vd.Jeton) { lien = j.Lien })
	remplacee, _ := demander(t, p, n, vd.Engagement, lignes(t)[:1])
	x, _ := demander(t, p, n, vd.Engagement, lignes(t))
	// Another pharmacy that learnt the number of the file changes nothing of it.
	q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, jour, vd.Engagement, lignes(t)[:1])
	if err != nil {
		t.Fatal(err)
	}
	if r, err := p.Service.Tarifer(context.Background(), p.Carte("2999000022"), q.Demande); err != nil || r.CodeRetour != vd.DossierInconnu {
		t.Errorf("une autre officine : %+v, %v", r, err)
	}
	autreLien, err := vd.TirerLien(nil)
	if err != nil {
		t.Fatal(err)
	}
	empreinte := func(c string) vd.EmpreinteFacture {
		e, err := vd.ParseEmpreinteFacture(strings.Repeat(c, 43))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	bon := vd.DemandeControle{NumeroTarification: x.Numero, Lien: lien, Facture: empreinte("A"), Montants: x.Familles}
	changee := func(f func(d *vd.DemandeControle)) vd.DemandeControle {
		d := bon
		d.Montants = slices.Clone(bon.Montants)
		f(&d)
		return d
	}
	var refus *vd.ReponseControle
	for _, c := range []struct {
		cas  string
		d    vd.DemandeControle
		avis vd.Avis
	}{
		{"un centime de plus", changee(func(d *vd.DemandeControle) { d.Montants[0].AMC++ }), vd.Non},
		{"une famille de moins", changee(func(d *vd.DemandeControle) { d.Montants = d.Montants[:1] }), vd.Non},
		{"une famille deux fois", changee(func(d *vd.DemandeControle) { d.Montants = append(d.Montants, d.Montants[0]) }), vd.Non},
		{"le lien d'un autre", changee(func(d *vd.DemandeControle) { d.Lien = autreLien }), vd.Non},
		{"l'engagement remplacé", changee(func(d *vd.DemandeControle) { d.NumeroTarification, d.Montants = remplacee.Numero, remplacee.Familles }), vd.Non},
		{"un numéro inventé", changee(func(d *vd.DemandeControle) { d.NumeroTarification, _ = vd.NumeroTarificationDe([16]byte{3}) }), vd.Non},
		{"la bonne, dans un autre ordre", changee(func(d *vd.DemandeControle) { slices.Reverse(d.Montants) }), vd.Oui},
		{"la bonne, redemandée", bon, vd.Oui},
		{"une autre facture", changee(func(d *vd.DemandeControle) { d.Facture = empreinte("B") }), vd.Non},
		{"la bonne encore", bon, vd.Oui},
	} {
		p.Memoire.Appels = nil
		r, err := p.Service.Controler(context.Background(), &c.d)
		if err != nil || r.Conforme != c.avis {
			t.Errorf("%s : %+v, %v", c.cas, r, err)
		}
		if !slices.Equal(p.Memoire.Appels, []string{"Confirmer"}) {
			t.Errorf("%s : %v", c.cas, p.Memoire.Appels)
		}
		if r.Conforme == vd.Non {
			if refus != nil && !cmp.Equal(*refus, *r) {
				t.Errorf("%s : deux refus se distinguent", c.cas)
			}
			refus = r
		}
	}
	if _, r := demander(t, p, n, vd.Engagement, lignes(t)[:1]); r.CodeRetour != vd.DossierInconnu {
		t.Errorf("un engagement facturé est remplacé : %+v", r)
	}
	if y, _ := demander(t, p, n, vd.Engagement, lignes(t)); y.Numero != x.Numero {
		t.Error("l'engagement facturé ne se retrouve pas")
	}
}

// A file that does not exist makes the same work as one that does: same calls, in the
// same order, of the store and of the pricing service. ref: T611
func TestMemeTravail(t *testing.T) {
	prix := new(tierstest.Moitie)
	p := tierstest.NouvellePartie(t, nil, prix)
	n := p.Dossier(t, officine, nil)
	inconnu, err := vd.TirerNumeroDossier(nil)
	if err != nil {
		t.Fatal(err)
	}
	travail := func(n vd.NumeroDossier, carte string, s vd.Sens) ([]string, int, vd.Code) {
		q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, jour, s, lignes(t))
		if err != nil {
			t.Fatal(err)
		}
		p.Memoire.Appels, prix.Vues = nil, nil
		r, err := p.Service.Tarifer(context.Background(), p.Carte(carte), q.Demande)
		if err != nil {
			t.Fatal(err)
		}
		return p.Memoire.Appels, len(prix.Vues), r.CodeRetour
	}
	for _, s := range []vd.Sens{vd.Devis, vd.Engagement} {
		bons, vues, _ := travail(n, officine, s)
		for cas, x := range map[string]struct {
			n     vd.NumeroDossier
			carte string
		}{"inconnu": {inconnu, officine}, "d'une autre officine": {n, "2999000022"}} {
			appels, v, code := travail(x.n, x.carte, s)
			if !slices.Equal(appels, bons) || v != vues || code != vd.DossierInconnu {
				t.Errorf("%s, %s : %v et %d, au lieu de %v et %d (%s)", s, cas, appels, v, bons, vues, code)
			}
		}
	}
	// Whatever the pricing service answers of the decoy, nothing more is told.
	prix.Panne = errors.New("panne")
	if _, _, code := travail(inconnu, officine, vd.Devis); code != vd.DossierInconnu {
		t.Errorf("panne devant un leurre : %s", code)
	}
}

// A third party without a threshold, a decoy or keys does not start.
func TestVerifier(t *testing.T) {
	for _, c := range []struct {
		cas     string
		changer func(s *tiers.Service)
		attendu error
	}{
		{"bon", func(*tiers.Service) {}, nil},
		{"seuil d'une personne", func(s *tiers.Service) { s.Parametres.Seuil = 1 }, tiers.ErrSeuil},
		{"sans leurre", func(s *tiers.Service) { s.Leurre = vd.IDGrille{} }, tiers.ErrLeurre},
		{"sans clé", func(s *tiers.Service) { s.Trousseau = func() vd.Trousseau { return nil } }, vd.ErrDestinataire},
	} {
		p := tierstest.NouvellePartie(t, nil, new(tierstest.Moitie))
		c.changer(p.Service)
		if err := p.Service.Verifier(); !errors.Is(err, c.attendu) {
			t.Errorf("%s : %v", c.cas, err)
		}
	}
	if _, err := tiers.NouvellesCles(make([]byte, 31)); !errors.Is(err, tiers.ErrSecret) {
		t.Error(err)
	}
}

// What is over is forgotten, and nothing before.
func TestPurgerTiers(t *testing.T) {
	p := tierstest.NouvellePartie(t, nil, new(tierstest.Moitie))
	var lien vd.Lien
	n := p.Dossier(t, officine, func(j *vd.Jeton) { lien = j.Lien })
	x, _ := demander(t, p, n, vd.Engagement, lignes(t))
	e, err := vd.ParseEmpreinteFacture(strings.Repeat("A", 43))
	if err != nil {
		t.Fatal(err)
	}
	d := &vd.DemandeControle{NumeroTarification: x.Numero, Lien: lien, Facture: e, Montants: x.Familles}
	for _, c := range []struct {
		apres sante.Jour
		avis  vd.Avis
	}{{30, vd.Oui}, {760, vd.Oui}, {761, vd.Non}} {
		p.Regler((jour + c.apres).Debut(sante.Paris()).Add(time.Hour))
		if err := p.Service.Purger(context.Background()); err != nil {
			t.Fatal(err)
		}
		if r, err := p.Service.Controler(context.Background(), d); err != nil || r.Conforme != c.avis {
			t.Errorf("%d jours après : %+v, %v", c.apres, r, err)
		}
	}
}
