package serveur

import (
	"encoding/hex"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func tirerTexte(t *rapid.T, nom string) string {
	return rapid.StringMatching(`[A-Za-zÉé0-9 '-]{0,12}`).Draw(t, nom)
}

func tirerJour(t *rapid.T, nom string) sante.Jour {
	return sante.JourDe(2024, 1, 1) + sante.Jour(rapid.IntRange(0, 2000).Draw(t, nom))
}

func tirerNumero(t *rapid.T, nom string) sante.NumeroAMC {
	n, err := sante.ParseNumeroAMC(rapid.StringMatching(`99[0-9]{6,8}`).Draw(t, nom))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tirerEntree draws an entry with any of its fields, which need not be one that can be
// published.
func tirerEntree(t *rapid.T) annuaireamc.Entree {
	e := annuaireamc.Entree{ID: rapid.StringMatching(`[a-z0-9-]{1,20}`).Draw(t, "id"), NumeroAMC: tirerNumero(t, "numéro"),
		TypeConvention: rapid.SampledFrom([]string{"", "RO", "CM"}).Draw(t, "convention"), CSR: rapid.StringMatching(`[0-9?]{0,9}`).Draw(t, "csr"),
		Debut: tirerJour(t, "début"), Domaines: rapid.SliceOfN(rapid.SampledFrom([]roc.Domaine{roc.HospitalACE, roc.Pharmacie}), 0, 2).Draw(t, "domaines"),
		Libelle: tirerTexte(t, "libellé"), OrganismeSignataire: tirerTexte(t, "signataire"), Structure: tirerTexte(t, "structure"),
		CalculLocal: rapid.Bool().Draw(t, "local"), Validite: rapid.IntRange(0, 365*24*3600).Draw(t, "validité"), JoursTolerance: rapid.IntRange(0, 365).Draw(t, "tolérance"),
		CodeRoutage: tirerTexte(t, "routage"), IdentifiantHote: tirerTexte(t, "hôte"), NomDomaine: tirerTexte(t, "domaine"), CodeAiguillageSTS: tirerTexte(t, "sts")}
	if rapid.Bool().Draw(t, "finit") {
		e.Fin = tirerJour(t, "fin")
	}
	if rapid.Bool().Draw(t, "remplacée") {
		e.Remplacante = tirerNumero(t, "remplaçante")
	}
	if rapid.Bool().Draw(t, "mandat") {
		e.Mandat = &annuaireamc.Mandat{ID: rapid.StringMatching(`OTP[0-9]`).Draw(t, "otp"), Libelle: tirerTexte(t, "opérateur"), Structure: tirerTexte(t, "structure de l'opérateur"),
			Debut: tirerJour(t, "mandat du"), Fin: tirerJour(t, "mandat au")}
	}
	for range rapid.IntRange(0, 3).Draw(t, "points") {
		e.Points = append(e.Points, annuaireamc.Point{Service: rapid.SampledFrom([]roc.Service{roc.IDB, roc.CLC, roc.DRE}).Draw(t, "service"), Adresse: "https://" + tirerTexte(t, "adresse"),
			Normes: rapid.SliceOfN(rapid.StringMatching(`[0-9]\.[0-9]`), 0, 2).Draw(t, "normes"), Debut: tirerJour(t, "point du"), Fin: tirerJour(t, "point au"),
			Empreintes: rapid.SliceOfN(rapid.Map(rapid.SliceOfN(rapid.Byte(), 32, 32), hex.EncodeToString), 0, 2).Draw(t, "empreintes"), Confidentiel: tirerTexte(t, "confidentiel")})
	}
	e.Domaines = videNul(e.Domaines)
	for i := range e.Points {
		e.Points[i].Normes, e.Points[i].Empreintes = videNul(e.Points[i].Normes), videNul(e.Points[i].Empreintes)
	}
	return e
}

func videNul[T any](l []T) []T {
	if len(l) == 0 {
		return nil
	}
	return l
}

// An entry goes through the national directory, and back, without loss; and so does an
// access point through an entry.
func TestFichesDesEntrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := tirerEntree(t)
		a := ficheAcces(&e)
		lu, err := image.Decoder(image.Encoder(nil, &annuaire.Changement{Acces: &a}))
		if err != nil {
			t.Fatal(err)
		}
		revenue, err := entreeDe(lu.Acces)
		if err != nil || !reflect.DeepEqual(revenue, e) {
			t.Fatalf("%v\n%+v\n%+v", err, revenue, e)
		}
		if b := ficheAcces(&revenue); !reflect.DeepEqual(b, *lu.Acces) {
			t.Fatalf("\n%+v\n%+v", b, lu.Acces)
		}
	})
}

// Each field of an entry has its place in a record: one that is added later is empty in
// this example, then lost if it is filled here and forgotten there.
func TestFichesSansOubli(t *testing.T) {
	n, err := sante.ParseNumeroAMC("99000001")
	if err != nil {
		t.Fatal(err)
	}
	j := sante.JourDe(2026, 1, 1)
	e := annuaireamc.Entree{ID: "a", NumeroAMC: n, TypeConvention: "RO", CSR: "1", Debut: j, Fin: j + 1, Domaines: []roc.Domaine{roc.Pharmacie}, Remplacante: n, Libelle: "L",
		OrganismeSignataire: "S", Structure: "2", Mandat: &annuaireamc.Mandat{ID: "OTP", Libelle: "O", Structure: "3", Debut: j, Fin: j + 2},
		Points:      []annuaireamc.Point{{Service: roc.IDB, Adresse: "https://a", Normes: []string{"1"}, Debut: j, Fin: j + 3, Empreintes: []string{"e"}, Confidentiel: "c"}},
		CalculLocal: true, Validite: 1, JoursTolerance: 2, CodeRoutage: "r", IdentifiantHote: "h", NomDomaine: "d", CodeAiguillageSTS: "g"}
	var vides func(v reflect.Value, ou string)
	vides = func(v reflect.Value, ou string) {
		switch {
		case v.IsZero():
			t.Errorf("%s est vide : compléter cet exemple, tirerEntree, ficheAcces et entreeDe", ou)
		case v.Kind() == reflect.Pointer:
			vides(v.Elem(), ou)
		case v.Kind() == reflect.Slice:
			vides(v.Index(0), ou)
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[sante.NumeroAMC]():
			for i := range v.NumField() {
				vides(v.Field(i), ou+"."+v.Type().Field(i).Name)
			}
		}
	}
	vides(reflect.ValueOf(e), "Entree")
	a := ficheAcces(&e)
	if revenue, err := entreeDe(&a); err != nil || !reflect.DeepEqual(revenue, e) {
		t.Errorf("%v\n%+v\n%+v", err, revenue, e)
	}
}

// An insurer and an operator are what the access points in service say, the most general
// first.
func TestOrganismeEtOperateur(t *testing.T) {
	jour := sante.JourDe(2026, 1, 1)
	base := annuaire.PointAcces{Entete: annuaire.Entete{Actif: true, Du: jour, Au: jour + 10}, Numero: "b", NumeroAMC: "99000001", Libelle: "MUTUELLE", Structure: "2999123458"}
	carte := base
	carte.Numero, carte.Convention, carte.Libelle, carte.Du, carte.Au = "a", "RO", "MUTUELLE, CARTE", jour-5, jour+20
	ville := base
	ville.Numero, ville.Domaines, ville.Libelle = "c", []string{"PHAR"}, "MUTUELLE EN VILLE"
	ville.Mandat = annuaire.Mandat{ID: "OTP1", Libelle: "OPÉRATEUR", Structure: "399912345800017", Du: jour}
	finie := base
	finie.Numero, finie.Actif, finie.Libelle = "0", false, "ANCIEN NOM"
	tous := []*annuaire.PointAcces{&carte, &finie, &ville, &base}

	s := organisme("99000001", tous)
	if s == nil || s.RaisonSociale != "MUTUELLE" || s.IDTechnique != "99000001" || s.SIREN != "999123458" || s.Sorte != annuaire.OrganismeComplementaire ||
		s.Du != jour-5 || s.Au != jour+20 || !s.Actif || s.ID != idOrganisme("99000001") {
		t.Errorf("%+v", s)
	}
	o := operateur("OTP1", tous)
	if o == nil || o.RaisonSociale != "OPÉRATEUR" || o.SIRET != "99912345800017" || o.IDTechnique != "OTP1" || o.Sorte != annuaire.OperateurTiers || o.Au != 0 {
		t.Errorf("%+v", o)
	}
	if s := organisme("99000002", tous); s != nil {
		t.Errorf("une AMC dont rien n'est dit : %+v", s)
	}
	ville.Actif = false
	if o := operateur("OTP1", tous); o != nil {
		t.Errorf("un opérateur sans mandat : %+v", o)
	}
	confiee := base
	confiee.Structure, confiee.Mandat.Structure = "2999000001", "2999000001"
	if s := organisme("99000001", []*annuaire.PointAcces{&confiee}); s.SIREN != "" {
		t.Errorf("le numéro de l'opérateur est donné à l'AMC : %s", s.SIREN)
	}
}
