package front

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/sante"
)

var maintenant = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// acteurs are those who ask in the tests.
var acteurs = map[string]annuaire.Acteur{
	"":    {Famille: "anonyme"},
	"V0P": {Famille: "patient"},
	"V1":  {ID: "editeur", Famille: "editeur"},
	"V1P": {ID: "zoe", Famille: "professionnel", Praticiens: []string{annuaire.NouvelID(annuaire.Praticiens, "p1")}},
	"V2":  {ID: "operateur", Famille: "operateur-mssante", Domaines: []string{"chu.mssante.example"}},
	"V3":  {ID: "directeur", Famille: "etablissement", Structures: []string{annuaire.NouvelID(annuaire.Structures, "eg")}},
	"V4":  {ID: "ordre", Famille: "autorite", Autorites: []string{"CNOM"}},
	"V5":  {ID: "ministere", Famille: "ministere", Motif: "essai"},
	"V6":  {ID: "amc", Famille: "amc"},
}

func regards(t testing.TB) *annuaire.Regards {
	t.Helper()
	d, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Regards
}

// vision is what one of the acteurs sees.
func vision(t testing.TB, qui string) *annuaire.Vision {
	t.Helper()
	a := acteurs[qui]
	v, err := regards(t).Vision(&a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// traces keeps the readings that are traced.
type traces struct {
	l     []Lecture
	panne error
}

func (t *traces) Tracer(_ context.Context, l Lecture) error {
	t.l = append(t.l, l)
	return t.panne
}

func jour(s string) sante.Jour {
	j, err := sante.ParseJour(s)
	if err != nil {
		panic(err)
	}
	return j
}

func id(n annuaire.Nature, cle string) string { return annuaire.NouvelID(n, cle) }

func tete(n annuaire.Nature, cle, systeme string) annuaire.Entete {
	return annuaire.Entete{ID: id(n, cle), Actif: true, Version: 2, Maj: maintenant.UnixMilli() - 86400000,
		Trace: annuaire.Trace{Autorite: annuaire.Code{Code: "CNOM", Libelle: "Ordre des médecins"}, Systeme: systeme, MajLe: jour("2026-11-20")}}
}

// fiches are records where every field is filled, all fictitious.
func fiches() []annuaire.Changement {
	h := func(n annuaire.Nature, cle, systeme string, du string) annuaire.Entete {
		e := tete(n, cle, systeme)
		if e.Du = 0; du != "" {
			e.Du = jour(du)
		}
		return e
	}
	juridique := &annuaire.Structure{Entete: h(annuaire.Structures, "ej", "FINESS", ""), IDNat: "1990000127", FINESSJuridique: "990000127", SIREN: "999123458",
		RaisonSociale: "CHU FICTIF DE BLOIS", Sorte: annuaire.EntiteJuridique, StatutJuridique: annuaire.Code{Code: "13", Libelle: "Établissement public communal d'hospitalisation"},
		SPH: annuaire.Code{Code: "1", Libelle: "Établissement public de santé"}}
	site := &annuaire.Structure{Entete: h(annuaire.Structures, "eg", "FINESS", "2019-06-01"), IDTechnique: "F990000341", IDNat: "1990000341", FINESS: "990000341",
		FINESSJuridique: "990000127", SIRET: "99912345800012", RPPSRang: "9990011220401", RaisonSociale: "HOPITAL DU \"PORT\" & FILS", Enseigne: "Hôpital du port",
		Sorte: annuaire.SiteGeographique, Juridique: juridique.ID, Secteur: annuaire.Code{Code: "SA01", Libelle: "Établissement public de santé"},
		Categorie: annuaire.Code{Code: "355", Libelle: "Centre hospitalier"}, Licence: "99#000012", TypeFermeture: annuaire.Code{Code: "DEF", Libelle: "Définitive"},
		Adresse: annuaire.Coordonnees{Destinataire: "ACCUEIL", PointGeographique: "BATIMENT A", NumeroVoie: "12", Indice: "BIS", TypeVoie: annuaire.Code{Code: "R", Libelle: "Rue"},
			LibelleVoie: "de l'Écluse", Mention: "BP 12", BureauCedex: "BLOIS CEDEX", CodePostal: "41000", Commune: annuaire.Code{Code: "41018", Libelle: "Blois"}, Pays: annuaire.Code{Code: "99000", Libelle: "France"},
			Telephone: "0199000001", Telephone2: "0199000002", Telecopie: "0199000003", Courriel: "accueil@hopital.example", Departement: annuaire.Code{Code: "41", Libelle: "Loir-et-Cher"}},
		Situee: true, Latitude: 47_586_200, Longitude: 1_331_000,
		BAL:         []annuaire.BAL{{Adresse: "Secretariat.Cardio@chu.mssante.example", Type: annuaire.BALOrganisation, Description: "Secrétariat", Service: "Cardiologie", Responsable: "RESPONSABLE-FICTIF"}},
		Certificats: []annuaire.Certificat{{Serie: "0A", Emetteur: "CN=AC FICTIVE", Sujet: "CN=hopital", Du: jour("2026-01-01"), Au: jour("2029-01-01"), Domaine: "hopital.example", Usage: "digitalSignature", DER: []byte{1, 2, 3}}}}
	reseau := &annuaire.Structure{Entete: h(annuaire.Structures, "reseau", "CG", ""), RaisonSociale: "RESEAU CARDIO FICTIF", Sorte: annuaire.ReseauDeSante,
		Membres: []annuaire.Adhesion{{Nature: annuaire.Structures, ID: site.ID, Role: annuaire.Code{Code: "ADH", Libelle: "Adhérent"}, Du: jour("2024-01-01")}}}
	p := &annuaire.Praticien{Entete: h(annuaire.Praticiens, "p1", "RPPS", ""), TypeID: "8", Numero: "99900112204", IDNat: "899900112204",
		Civilite: annuaire.Code{Code: "MME"}, CiviliteExercice: annuaire.Code{Code: "DR"}, Nom: "LÉGER-FICTIF", Prenom: "Zoé",
		Profession: annuaire.Code{Code: "10", Libelle: "Médecin"}, Categorie: annuaire.Code{Code: "C", Libelle: "Civil"},
		SavoirFaire: []annuaire.Qualification{{Type: annuaire.Code{Code: "S", Libelle: "Spécialité ordinale"}, Savoir: annuaire.Code{Code: "SM04", Libelle: "Cardiologie"}}},
		Diplomes: []annuaire.Diplome{{Type: annuaire.Code{Code: "DE", Libelle: "Diplôme d'État"}, Diplome: annuaire.Code{Code: "DE05", Libelle: "DE docteur en médecine"}},
			{TypeAutorisation: annuaire.Code{Code: "AM01"}, Discipline: annuaire.Code{Code: "D01", Libelle: "Discipline fictive"}}},
		Attributions: []annuaire.Code{{Code: "AP01", Libelle: "Attribution"}}, Langues: []annuaire.Code{{Code: "fr", Libelle: "français"}},
		BAL: []annuaire.BAL{{Adresse: "zoe.leger@medecin.mssante.example", Type: annuaire.BALPersonnelle, Rang: 1},
			{Adresse: "cachee@medecin.mssante.example", Type: annuaire.BALPersonnelle, ListeRouge: true}, {Adresse: "rouge@chu.mssante.example", Type: annuaire.BALPersonnelle, ListeRouge: true}},
		Cartes:       []annuaire.Carte{{Type: annuaire.Code{Code: "CPS", Libelle: "Carte de professionnel de santé"}, Numero: "9990001", Du: jour("2025-01-01"), Au: jour("2028-01-01"), OpposeeLe: jour("2026-05-05")}},
		Certificats:  []annuaire.Certificat{{Serie: "0B", Emetteur: "CN=AC", Sujet: "CN=personne"}},
		Inscriptions: []annuaire.Inscription{{Autorite: annuaire.Code{Code: "CNOM"}, Statut: annuaire.Code{Code: "D"}, Departement: annuaire.Code{Code: "41"}, Premiere: true, Du: jour("2019-03-10")}},
		EtatCivil:    annuaire.EtatCivil{Nom: "NOM-DE-NAISSANCE", Prenoms: "Zoé'Ana", Sexe: "F", Naissance: jour("1980-02-03"), Commune: "41018"},
		Contact:      annuaire.Coordonnees{NumeroVoie: "1", LibelleVoie: "chemin privé", Telephone: "0699000009", Courriel: "perso@courriel.example", CodePostal: "41000", Commune: annuaire.Code{Code: "41018", Libelle: "Blois"}},
		Exerce:       []annuaire.LieuExercice{{CodeCommune: "41018", Commune: "Blois", CodePostal: "41000"}}}
	q := &annuaire.Praticien{Entete: h(annuaire.Praticiens, "p2", "RPPS", ""), TypeID: "0", Numero: "999999999", IDNat: "0999999999", Nom: "RADIE-FICTIF", Prenom: "Jean",
		Profession: annuaire.Code{Code: "60", Libelle: "Infirmier"}, BAL: []annuaire.BAL{{Adresse: "jean@ide.mssante.example", Type: annuaire.BALPersonnelle}}}
	q.Actif, q.Maj = false, maintenant.UnixMilli()-3600000
	s := &annuaire.Situation{Entete: h(annuaire.Situations, "s1", "RPPS", "2020-01-01"), Praticien: p.ID, Structure: site.ID,
		SavoirFaire: p.SavoirFaire[0], Mode: annuaire.Code{Code: "S", Libelle: "Salarié"}, Genre: annuaire.Code{Code: "GENR01", Libelle: "Activité de soin"},
		Fonction: annuaire.Code{Code: "FON-AU", Libelle: "Autre fonction"}, TypeLiberal: annuaire.Code{Code: "ACT-LIB-04"}, StatutSSA: annuaire.Code{Code: "SSA1"},
		StatutHospitalier: annuaire.Code{Code: "SH1"}, MetierPharmacien: annuaire.Code{Code: "MP1"}, SectionPharmacien: annuaire.Code{Code: "A"},
		Convention: annuaire.Code{Code: "1", Libelle: "Secteur 1"}, CarteVitale: "O", BAL: []annuaire.BAL{{Adresse: "zoe.leger@chu.mssante.example", Type: annuaire.BALPersonnelle}}}
	s.Au = jour("2027-12-31")
	orpheline := &annuaire.Situation{Entete: h(annuaire.Situations, "s2", "RPPS", ""), Praticien: p.ID, Structure: id(annuaire.Structures, "partie"), Mode: annuaire.Code{Code: "L", Libelle: "Libéral"}}
	soins := &annuaire.Activite{Entete: h(annuaire.Activites, "a1", "FINESS", ""), Numero: "24-41-00001", Structure: site.ID, Modalite: annuaire.Code{Code: "20", Libelle: "Adulte"},
		Type: annuaire.Code{Code: "01", Libelle: "Médecine"}, Forme: annuaire.Code{Code: "07", Libelle: "Hospitalisation complète"}}
	social := &annuaire.Activite{Entete: h(annuaire.Activites, "a2", "FINESS", ""), Numero: "24-41-00002", Structure: site.ID, Sociale: true,
		Type: annuaire.Code{Code: "924", Libelle: "Accueil"}, Forme: annuaire.Code{Code: "11", Libelle: "Hébergement"}, Public: annuaire.Code{Code: "711", Libelle: "Personnes âgées"}, Installees: 80, Autorisees: 84}
	machine := &annuaire.Equipement{Entete: h(annuaire.Equipements, "e1", "FINESS", ""), Numero: "24-41-00003", Structure: site.ID, Type: annuaire.Code{Code: "05602", Libelle: "Scanographe"},
		Fabricant: "FABRIQUE FICTIVE", Modele: "MODELE-9", Serie: "SN-1", Statut: "active"}
	amc := &annuaire.Structure{Entete: h(annuaire.Structures, "amc", "CG", ""), RaisonSociale: "MUTUELLE FICTIVE", SIREN: "999000001", Sorte: annuaire.OrganismeComplementaire}
	point := &annuaire.PointAcces{Entete: h(annuaire.Acces, "b1", "CG", ""), Numero: "PA-1", NumeroAMC: "9990000001", Organisme: amc.ID, Libelle: "MUTUELLE FICTIVE",
		Mandat: annuaire.Mandat{ID: "OTP-9", Libelle: "OPERATEUR FICTIF", Structure: "990000999", Du: jour("2026-01-01")},
		Services: []annuaire.ServiceAcces{{Service: "IDB", Adresse: "https://roc.mutuelle.example/idb", Normes: []string{"ecluse-roc/1"}, Du: jour("2026-01-01"), Empreintes: []string{"ab12"}},
			{Service: "CLC", Adresse: "https://roc.mutuelle.example/clc", Normes: []string{"ecluse-roc/1"}}}}
	return []annuaire.Changement{{Structure: amc}, {Acces: point}, {Structure: juridique}, {Structure: site}, {Structure: reseau}, {Praticien: p}, {Praticien: q}, {Situation: s}, {Situation: orpheline},
		{Activite: soins}, {Activite: social}, {Equipement: machine}}
}

// depot installs records in an image.
func depot(t testing.TB, l []annuaire.Changement) *image.Depot {
	t.Helper()
	d, err := ouvrirDepot(t.TempDir(), slices.Values(l))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	return d
}

func ouvrirDepot(dossier string, l iter.Seq[annuaire.Changement]) (*image.Depot, error) {
	d, err := image.Ouvrir(dossier, image.Options{Horloge: func() time.Time { return maintenant }})
	if err != nil {
		return nil, err
	}
	return d, poser(d, l)
}

func installer(t testing.TB, d *image.Depot, l []annuaire.Changement) {
	t.Helper()
	if err := poser(d, slices.Values(l)); err != nil {
		t.Fatal(err)
	}
}

func poser(d *image.Depot, l iter.Seq[annuaire.Changement]) error {
	nom := d.Nouvelle()
	c, err := image.Construire(nom)
	if err != nil {
		return err
	}
	for k := range l {
		if err := c.Ajouter(&k); err != nil {
			return err
		}
	}
	if err := c.Finir(context.Background()); err != nil {
		return err
	}
	return d.Installer(nom)
}

const base = "https://annuaire.example/fhir"

// porte opens the door on a depot; who asks is told by a header of the tests.
func porte(t testing.TB, d *image.Depot, changer ...func(*Options)) *Porte {
	t.Helper()
	p, err := ouvrirPorte(d, changer...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ouvrirPorte(d *image.Depot, changer ...func(*Options)) (*Porte, error) {
	donnees, err := annuaire.Charger(nil)
	if err != nil {
		return nil, err
	}
	vues := map[string]*annuaire.Vision{}
	for qui, a := range acteurs {
		if vues[qui], err = donnees.Regards.Vision(&a); err != nil {
			return nil, err
		}
	}
	o := Options{Base: base, Cle: bytes.Repeat([]byte{7}, 32), Horloge: func() time.Time { return maintenant }, Logiciel: "Écluse", Version: "essai",
		Traces: &traces{}, Regards: donnees.Regards,
		Qui: func(r *http.Request) (*annuaire.Vision, error) {
			if g := vues[r.Header.Get("Essai-Vue")]; g != nil {
				return g, nil
			}
			return nil, refus(fhir.CodeLogin, "", "se présenter avec un certificat ou un jeton valide")
		}}
	for _, f := range changer {
		f(&o)
	}
	return New(d, o)
}

// demander asks the door, and gives the answer.
func demander(t testing.TB, p http.Handler, vue, adresse string, autres ...string) *httptest.ResponseRecorder {
	t.Helper()
	methode, corps := "GET", ""
	if m, reste, ok := strings.Cut(adresse, " "); ok {
		methode, adresse = m, reste
		adresse, corps, _ = strings.Cut(adresse, " ")
	}
	r := httptest.NewRequest(methode, strings.TrimPrefix(adresse, "https://annuaire.example"), strings.NewReader(corps))
	if strings.HasPrefix(adresse, "/") {
		r = httptest.NewRequest(methode, "/fhir"+adresse, strings.NewReader(corps))
	}
	if corps != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(autres); i += 2 {
		r.Header.Set(autres[i], autres[i+1])
	}
	if vue != "" {
		r.Header.Set("Essai-Vue", vue)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// foule is many professionals with their situation, in a few structures.
func foule(n int) []annuaire.Changement { return slices.Collect(defiler(n)) }

// defiler gives them one after the other.
func defiler(n int) iter.Seq[annuaire.Changement] {
	return func(un func(annuaire.Changement) bool) {
		l := fiches()
		for _, k := range l {
			if !un(k) {
				return
			}
		}
		for i := range n {
			p, s := unDeLaFoule(i, l[3].Structure.ID)
			if !un(annuaire.Changement{Praticien: p}) || !un(annuaire.Changement{Situation: s}) {
				return
			}
		}
	}
}

func unDeLaFoule(i int, site string) (*annuaire.Praticien, *annuaire.Situation) {
	p := &annuaire.Praticien{Entete: tete(annuaire.Praticiens, fmt.Sprint("f", i), "RPPS"), TypeID: "8", Numero: fmt.Sprint(99910000000 + i),
		Nom: fmt.Sprintf("FOULE%03d", i%97), Prenom: fmt.Sprintf("P%d", i), Profession: annuaire.Code{Code: "60", Libelle: "Infirmier"},
		BAL: []annuaire.BAL{{Adresse: fmt.Sprintf("p%d@ide.mssante.example", i), Type: annuaire.BALPersonnelle}}}
	p.IDNat = "8" + p.Numero
	p.Maj -= int64(i) * 1000
	s := &annuaire.Situation{Entete: tete(annuaire.Situations, fmt.Sprint("fs", i), "RPPS"), Praticien: p.ID, Structure: site, Mode: annuaire.Code{Code: "L"}}
	return p, s
}
