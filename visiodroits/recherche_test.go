package visiodroits_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

const autreOperateur = visiodroits.Emetteur("99200900")

// chercher asks a service and gives the label of the entry found, or the situation.
func chercher(t *testing.T, c *visiodroits.Classeur, r visiodroits.Recherche, a time.Time) (string, *visiodroits.NonTrouve) {
	t.Helper()
	s, err := c.Service(r, a)
	if err == nil {
		return s.Libelle, nil
	}
	var n *visiodroits.NonTrouve
	if !errors.As(err, &n) || s != nil {
		t.Fatalf("%v, %v", s, err)
	}
	return "", n
}

func nommee(s string) func(*visiodroits.EntreeService) {
	return func(e *visiodroits.EntreeService) { e.Libelle = s }
}

// The rule is that of the Annuaire. ref: ROC §6.2
func TestRegleDeConcordance(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	b.deposer(c, sceller(b, complete(t, tete(1, lundi),
		entree(t, "99000001", nommee("AMC seule")), entree(t, "99000001", nommee("convention"), routee("RO", "")),
		entree(t, "99000001", nommee("94???????"), routee("RO", "94???????")), entree(t, "99000001", nommee("945??????"), routee("RO", "945??????")),
		entree(t, "99000001", nommee("exact"), routee("RO", "945000001")), entree(t, "99000001", nommee("LAR"), routee("RO", "945000001"), service(visiodroits.LAR)),
		entree(t, "0099000002", nommee("zéros")),
	)), lundi)
	for _, x := range []struct{ amc, convention, csr, want string }{
		{"99000001", "", "", "AMC seule"}, {"99000001", "CM", "945000001", "AMC seule"}, {"99000001", "RO", "", "convention"},
		{"99000001", "RO", "120000000", "convention"}, {"99000001", "RO", "94", "convention"}, {"99000001", "RO", "941234567", "94???????"},
		{"99000001", "RO", "945234567", "945??????"}, {"99000001", "RO", "945000001", "exact"}, {"99000001", " ro ", "945000001 ", "exact"},
		{"99000002", "", "", "zéros"}, {"099000002", "", "", "zéros"},
	} {
		r := visiodroits.Recherche{NumeroAMC: amc(t, x.amc), TypeConvention: x.convention, CSR: x.csr, Service: visiodroits.DLD}
		if got, n := chercher(t, c, r, lundi); got != x.want {
			t.Errorf("%+v : %q, %v", x, got, n)
		}
	}
}

// What was found carries all that the list says.
func TestServiceTrouve(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	b.deposer(c, sceller(b, complete(t, tete(3, lundi), entree(t, "99000001", jours(15), func(e *visiodroits.EntreeService) {
		e.ModeDroits, e.DelaiPaiementJours, e.KidCourant, e.KidSuivant = visiodroits.NonHeberge, 7, "a", "b"
		e.DepannageMandat = &visiodroits.Mandat{Operateur: operateur, Debut: jour, Fin: jour + 1}
	}))), lundi)
	r := visiodroits.Recherche{NumeroAMC: amc(t, "99000001"), Service: visiodroits.DLD}
	s, err := c.Service(r, lundi)
	if err != nil {
		t.Fatal(err)
	}
	if s.NbJoursTolerance != 15 || s.ModeDroits != visiodroits.NonHeberge || s.DelaiPaiementJours != 7 || s.KidCourant != "a" || s.KidSuivant != "b" ||
		s.Adresse != "https://otp.exemple.invalid/v1/visiodroits" || s.Emetteur != operateur || s.NumeroListe != 3 || s.Fraicheur != visiodroits.Fraiche || s.Etat != "" {
		t.Errorf("%+v", s)
	}
	if s.Depanneur(jour) != operateur || s.Depanneur(jour+1) != operateur || s.Depanneur(jour-1) != "" || s.Depanneur(jour+2) != "" {
		t.Error("le mandat de dépannage ne suit pas ses dates")
	}
	var tous []visiodroits.ServiceTrouve
	for s := range c.Services(lundi) {
		tous = append(tous, s)
	}
	if len(tous) != 1 || tous[0].DepannageMandat.Operateur != operateur || tous[0].Fraicheur != visiodroits.Fraiche {
		t.Errorf("%+v", tous)
	}
	if s, err := c.Service(r, lundi.Add(72*time.Hour)); err != nil || s.Fraicheur != visiodroits.Perimee {
		t.Errorf("une liste périmée donne encore une adresse : %v, %v", s, err)
	}
}

// 200 is said when, and only when, fresh lists hold a statement of the insurer.
// Each row is one way of not being able to ask. ref: VISIO §5.2, §14
func TestDeuxCentsOuDeuxCentUn(t *testing.T) {
	b := nouveau(t)
	exhaustive := func(h visiodroits.EnTete) visiodroits.EnTete { h.Exhaustive = true; return h }
	seconde := func(h visiodroits.EnTete) visiodroits.EnTete { h.Emetteur = autreOperateur; return h }
	court := func(h visiodroits.EnTete) visiodroits.EnTete { h.ProchaineEmission = lundi.Add(time.Hour); return h }
	un := func(f ...func(*visiodroits.EntreeService)) []visiodroits.EntreeService {
		return []visiodroits.EntreeService{entree(t, "99000001", f...)}
	}
	type liste struct {
		tete    visiodroits.EnTete
		entrees []visiodroits.EntreeService
	}
	deuxListes := []visiodroits.Emetteur{operateur, autreOperateur}
	for _, x := range []struct {
		cas        string
		attendues  []visiodroits.Emetteur
		listes     []liste
		apres      time.Duration // when the question is asked
		convention string
		want       visiodroits.Situation
	}{
		{cas: "aucune liste attendue", want: visiodroits.SansListe},
		{cas: "aucune liste reçue", attendues: deuxListes, want: visiodroits.SansListe},
		{cas: "AMC absente d'une liste à jour", attendues: deuxListes[:1],
			listes: []liste{{tete(1, lundi), []visiodroits.EntreeService{entree(t, "99000002")}}}, want: visiodroits.AMCInconnue},
		{cas: "AMC absente d'une liste exhaustive", attendues: deuxListes[:1],
			listes: []liste{{exhaustive(tete(1, lundi)), []visiodroits.EntreeService{entree(t, "99000002")}}}, want: visiodroits.AMCInconnue},
		{cas: "AMC nommée pour un autre service", attendues: deuxListes[:1],
			listes: []liste{{tete(1, lundi), un(service(visiodroits.LAR))}}, want: visiodroits.ServiceNonDit},
		{cas: "AMC nommée pour un autre service, liste exhaustive", attendues: deuxListes[:1],
			listes: []liste{{exhaustive(tete(1, lundi)), un(service(visiodroits.LAR))}}, want: visiodroits.NonOuverte},
		{cas: "la même, une heure trop tard", attendues: deuxListes[:1], apres: time.Hour + time.Millisecond,
			listes: []liste{{court(exhaustive(tete(1, lundi))), un(service(visiodroits.LAR))}}, want: visiodroits.ListePerimee},
		{cas: "la même, l'horloge du poste en arrière", attendues: deuxListes[:1], apres: -time.Minute,
			listes: []liste{{exhaustive(tete(1, lundi)), un(service(visiodroits.LAR))}}, want: visiodroits.SansListe},
		{cas: "exhaustive chez l'un, dite sans l'être chez l'autre", attendues: deuxListes, listes: []liste{
			{exhaustive(tete(1, lundi)), un(service(visiodroits.LAR))}, {seconde(tete(1, lundi)), un(service(visiodroits.FAO))}}, want: visiodroits.ServiceNonDit},
		{cas: "exhaustive chez l'un, l'autre liste jamais reçue", attendues: deuxListes,
			listes: []liste{{exhaustive(tete(1, lundi)), un(service(visiodroits.LAR))}}, want: visiodroits.ListePerimee},
		{cas: "exhaustive, mais l'AMC n'y est plus aujourd'hui", attendues: deuxListes[:1],
			listes: []liste{{exhaustive(tete(1, lundi)), un(service(visiodroits.LAR), periode(jour-9, jour-1))}}, want: visiodroits.ServiceNonDit},
		{cas: "l'AMC dit qu'elle n'ouvre pas", attendues: deuxListes[:1],
			listes: []liste{{tete(1, lundi), un(nonOuvert)}}, want: visiodroits.NonOuverte},
		{cas: "l'AMC dit qu'elle n'ouvre pas, liste en retard", attendues: deuxListes[:1], apres: 2 * time.Hour,
			listes: []liste{{court(tete(1, lundi)), un(nonOuvert)}}, want: visiodroits.ListePerimee},
		{cas: "l'AMC dit qu'elle n'ouvre pas, une autre liste manque", attendues: deuxListes,
			listes: []liste{{tete(1, lundi), un(nonOuvert)}}, want: visiodroits.ListePerimee},
		{cas: "l'AMC n'ouvre pas, l'autre opérateur ouvre", attendues: deuxListes,
			listes: []liste{{tete(1, lundi), un(nonOuvert)}, {seconde(tete(1, lundi)), un()}}, want: visiodroits.RoutageAmbigu},
		{cas: "l'AMC n'ouvre pas, sauf cette convention", attendues: deuxListes[:1], convention: "CM",
			listes: []liste{{tete(1, lundi), append(un(nonOuvert), un(routee("CM", ""))...)}}, want: 0},
		{cas: "l'AMC ouvre, sauf cette convention", attendues: deuxListes[:1], convention: "AC",
			listes: []liste{{tete(1, lundi), append(un(), un(nonOuvert, routee("AC", ""))...)}}, want: visiodroits.NonOuverte},
		{cas: "ouverte pour une autre convention", attendues: deuxListes[:1], convention: "AC",
			listes: []liste{{exhaustive(tete(1, lundi)), un(routee("CM", ""))}}, want: visiodroits.AutreConvention},
		{cas: "ouverte pour une autre convention, carte sans convention", attendues: deuxListes[:1],
			listes: []liste{{exhaustive(tete(1, lundi)), un(routee("CM", "94?"))}}, want: visiodroits.AutreConvention},
		{cas: "fermée hier", attendues: deuxListes[:1],
			listes: []liste{{tete(1, lundi), un(periode(jour-9, jour-1))}}, want: visiodroits.NonOuverte},
		{cas: "fermée hier, liste en retard", attendues: deuxListes[:1], apres: 2 * time.Hour,
			listes: []liste{{court(tete(1, lundi)), un(periode(jour-9, jour-1))}}, want: visiodroits.ListePerimee},
		{cas: "fermée hier, rouverte aujourd'hui", attendues: deuxListes[:1],
			listes: []liste{{tete(1, lundi), append(un(periode(jour-9, jour-1)), un(periode(jour, 0))...)}}, want: 0},
		{cas: "ouvre demain", attendues: deuxListes[:1],
			listes: []liste{{tete(1, lundi), un(periode(jour+1, 0))}}, want: visiodroits.NonOuverte},
		{cas: "la fermeture est finie, rien ne suit", attendues: deuxListes[:1],
			listes: []liste{{tete(1, lundi), un(nonOuvert, periode(jour-9, jour-1))}}, want: visiodroits.ServiceNonDit},
		{cas: "deux opérateurs, deux adresses", attendues: deuxListes, listes: []liste{{tete(1, lundi), un()},
			{seconde(tete(1, lundi)), un(func(e *visiodroits.EntreeService) { e.Adresse = "https://autre.invalid" })}}, want: visiodroits.RoutageAmbigu},
		{cas: "deux opérateurs, la même entrée", attendues: deuxListes,
			listes: []liste{{tete(1, lundi), un()}, {seconde(tete(1, lundi)), un()}}, want: 0},
		{cas: "ouverte, liste en retard", attendues: deuxListes, apres: 2 * time.Hour,
			listes: []liste{{court(tete(1, lundi)), un()}}, want: 0},
	} {
		var at []visiodroits.Attendu
		for _, e := range x.attendues {
			at = append(at, attendu(visiodroits.GenreServices, e))
		}
		c := b.classeur(at...)
		for _, l := range x.listes {
			b.deposer(c, sceller(b, complete(t, l.tete, l.entrees...)), lundi)
		}
		r := visiodroits.Recherche{NumeroAMC: amc(t, "99000001"), TypeConvention: x.convention, Service: visiodroits.DLD, Date: jour}
		_, n := chercher(t, c, r, lundi.Add(x.apres))
		switch {
		case n == nil && x.want != 0:
			t.Errorf("%s : trouvé, want %q", x.cas, x.want)
		case n != nil && n.Situation != x.want:
			t.Errorf("%s : %v, want %q", x.cas, n, x.want)
		case n != nil && (n.Code() == visiodroits.ServiceNonOuvert) != (x.want == visiodroits.NonOuverte):
			t.Errorf("%s : code %s", x.cas, n.Code())
		}
	}
}

// A list that could not be taken may have opened the service.
func TestListeIncomplete(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), entree(t, "99000001", nonOuvert))), lundi)
	r := visiodroits.Recherche{NumeroAMC: amc(t, "99000001"), Service: visiodroits.DLD}
	if _, n := chercher(t, c, r, lundi); n == nil || n.Code() != visiodroits.ServiceNonOuvert {
		t.Fatalf("%v", n)
	}
	deux := complete(t, tete(2, lundi), entree(t, "99000001", nonOuvert))
	h := tete(3, lundi)
	h.Effet = lundi.Add(time.Hour)
	trois := complete(t, h, entree(t, "99000001"))
	if _, err := c.Deposer(sceller(b, partielle(t, deux, trois)), lundi); !errors.Is(err, visiodroits.ErrDemanderComplete) {
		t.Fatal(err)
	}
	if _, n := chercher(t, c, r, lundi); n == nil || n.Situation != visiodroits.NonOuverte {
		t.Errorf("avant l'effet de la liste manquée : %v", n)
	}
	if _, n := chercher(t, c, r, lundi.Add(time.Hour)); n == nil || n.Situation != visiodroits.ListeIncomplete || n.Code() != visiodroits.ServiceIndisponible {
		t.Errorf("après : %v", n)
	}
	b.deposer(c, sceller(b, trois), lundi)
	if _, n := chercher(t, c, r, lundi.Add(time.Hour)); n != nil {
		t.Errorf("la liste complète : %v", n)
	}
}

// A list that may only speak of others has no say: late, it does not keep 200 from
// being said; fresh, it does not allow it.
func TestListeDesAutres(t *testing.T) {
	b := nouveau(t)
	autres := attendu(visiodroits.GenreServices, autreOperateur)
	autres.Pour = []visiodroits.Emetteur{"99000002"}
	r := visiodroits.Recherche{NumeroAMC: amc(t, "99000001"), Service: visiodroits.DLD}
	c := b.classeur(autres)
	if _, n := chercher(t, c, r, lundi); n == nil || n.Situation != visiodroits.AMCInconnue {
		t.Errorf("aucune liste ne peut en parler : %v", n)
	}
	c = b.classeur(attendu(visiodroits.GenreServices, operateur), autres)
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), entree(t, "99000001", nonOuvert))), lundi)
	if _, n := chercher(t, c, r, lundi); n == nil || n.Situation != visiodroits.NonOuverte {
		t.Errorf("la liste des autres manque : %v", n)
	}
	if _, n := chercher(t, c, r, lundi.Add(48*time.Hour)); n == nil || n.Situation != visiodroits.ListePerimee {
		t.Errorf("la sienne est périmée : %v", n)
	}
}

// Only the first situation is code 200, and only it refuses the degraded mode.
func TestSituations(t *testing.T) {
	for s := visiodroits.NonOuverte; s <= visiodroits.ServiceArrete; s++ {
		n := &visiodroits.NonTrouve{Situation: s}
		want := visiodroits.ServiceIndisponible
		if s == visiodroits.NonOuverte {
			want = visiodroits.ServiceNonOuvert
		}
		if n.Code() != want || n.Code().Degrade() != (s != visiodroits.NonOuverte) {
			t.Errorf("%q : %s", s, n.Code())
		}
		if s.String() == "" || !strings.HasSuffix(n.AFaire(), ".") || !strings.HasPrefix(n.Error(), string(want)+" ") {
			t.Errorf("%d : %q, %q", s, n.Error(), n.AFaire())
		}
	}
	if x := visiodroits.ServiceArrete + 1; x.Code() != "" || x.String() != "" {
		t.Error("une situation sans ligne dans ce test")
	}
}

func TestHeures(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), entree(t, "99000001", jours(4), func(e *visiodroits.EntreeService) {
		e.Horaires = []visiodroits.Horaire{{Jour: 1, De: "08:00", A: "12:00"}, {Jour: 1, De: "14:00", A: "18:00"}, {Jour: 7, De: "10:00", A: "24:00"}}
	}))), lundi)
	r := visiodroits.Recherche{NumeroAMC: amc(t, "99000001"), Service: visiodroits.DLD}
	paris := func(jour, heure, minute int) time.Time { // March 2, 2026 is a Monday; UTC+1, then UTC+2 on the 29th
		return time.Date(2026, 3, jour, heure, minute, 0, 0, sante.Paris())
	}
	for _, x := range []struct {
		a       time.Time
		reprise time.Time // zero: open
	}{
		{paris(2, 11, 59), time.Time{}}, {paris(2, 12, 0), paris(2, 14, 0)}, {paris(2, 14, 0), time.Time{}},
		{paris(2, 18, 0), paris(8, 10, 0)}, {paris(3, 9, 0), paris(8, 10, 0)}, {paris(8, 23, 59), time.Time{}},
		{paris(9, 0, 0), paris(9, 8, 0)}, {paris(28, 20, 0), paris(29, 10, 0)}, {paris(29, 23, 59), time.Time{}},
	} {
		_, n := chercher(t, c, r, x.a)
		switch {
		case n == nil && x.reprise.IsZero():
		case n == nil || n.Situation != visiodroits.HorsHoraires || !n.Reprise.Equal(x.reprise):
			t.Errorf("%s : %+v, want %s", x.a, n, x.reprise)
		case n.Service == nil || n.Service.NbJoursTolerance != 4 || n.Service.Adresse == "":
			t.Errorf("%s : ce que les listes savent du service est perdu", x.a)
		}
	}
}

func TestEtat(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur), attendu(visiodroits.GenreEtat, operateur), attendu(visiodroits.GenreEtat, autreOperateur))
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), entree(t, "99000001"), entree(t, "99000002"))), lundi)
	n := int64(0)
	publier := func(e visiodroits.Emetteur, l ...visiodroits.EtatService) {
		n++
		h := tete(n, lundi)
		h.Emetteur, h.ProchaineEmission = e, lundi.Add(5*time.Minute)
		b.deposer(c, sceller(b, complete(t, h, l...)), lundi)
	}
	r := visiodroits.Recherche{NumeroAMC: amc(t, "99000001"), Service: visiodroits.DLD}
	etat := func(a time.Time) visiodroits.Operation {
		s, err := c.Service(r, a)
		if err != nil {
			var n *visiodroits.NonTrouve
			if !errors.As(err, &n) || n.Situation != visiodroits.ServiceArrete || n.Code() != visiodroits.ServiceIndisponible {
				t.Fatal(err)
			}
			return visiodroits.Arrete
		}
		return s.Etat
	}
	toutes := visiodroits.EtatService{Etat: visiodroits.Operationnel}
	une := visiodroits.EtatService{NumeroAMC: amc(t, "0099000001"), Service: visiodroits.DLD, Etat: visiodroits.Ralenti}
	autre := visiodroits.EtatService{NumeroAMC: amc(t, "99000002"), Etat: visiodroits.Arrete}
	publier(operateur, toutes, une, autre)
	if e := etat(lundi); e != visiodroits.Ralenti {
		t.Errorf("%q", e)
	}
	if e := etat(lundi.Add(6 * time.Minute)); e != "" {
		t.Errorf("un état périmé ne dit rien : %q", e)
	}
	une.Fermetures = []visiodroits.Fermeture{{Debut: lundi.Add(time.Minute), Fin: lundi.Add(2 * time.Minute)}}
	publier(operateur, toutes, une)
	if etat(lundi) != visiodroits.Ralenti || etat(lundi.Add(time.Minute)) != visiodroits.Arrete || etat(lundi.Add(2*time.Minute)) != visiodroits.Ralenti {
		t.Error("la fermeture prévue ne suit pas ses heures")
	}
	_, err := c.Service(r, lundi.Add(time.Minute))
	var nt *visiodroits.NonTrouve
	if !errors.As(err, &nt) || !nt.Reprise.Equal(lundi.Add(2*time.Minute)) || nt.Service == nil {
		t.Errorf("%+v", nt)
	}
	publier(operateur, toutes)
	publier(autreOperateur, visiodroits.EtatService{Etat: visiodroits.Arrete})
	if e := etat(lundi); e != visiodroits.Operationnel {
		t.Errorf("un opérateur arrête le service d'un autre : %q", e)
	}
	publier(operateur, visiodroits.EtatService{Service: visiodroits.DLD, Etat: visiodroits.Arrete}, toutes)
	if e := etat(lundi); e != visiodroits.Arrete {
		t.Errorf("%q", e)
	}
}

func TestVersion(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), entree(t, "99000001"))), lundi)
	r := visiodroits.Recherche{NumeroAMC: amc(t, "99000001"), Service: visiodroits.DLD, Versions: []string{"autre/2"}}
	if _, n := chercher(t, c, r, lundi); n == nil || n.Situation != visiodroits.AutreVersion {
		t.Errorf("%v", n)
	}
	r.Versions = append(r.Versions, visiodroits.Profil)
	if _, n := chercher(t, c, r, lundi); n != nil {
		t.Errorf("%v", n)
	}
}

// Rights that an operator holds are told with the operator: without it, its silence would be
// taken for the insurer's, 201 and not 202.
func TestHebergesSansOperateur(t *testing.T) {
	if e := entree(t, "99000001"); e.Valider() != nil {
		t.Error(e.Valider())
	}
	e := entree(t, "99000001", func(e *visiodroits.EntreeService) { e.Operateur = "" })
	if err := e.Valider(); !errors.Is(err, visiodroits.ErrEntree) {
		t.Errorf("droits hébergés sans opérateur : %v", err)
	}
	if e.ModeDroits = visiodroits.NonHeberge; e.Valider() != nil {
		t.Errorf("droits de l'AMC : %v", e.Valider())
	}
}
