package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// valider checks what the types do not say. All errors are given at once.
func (f *Fichier) valider() error {
	var e []error
	refuser := func(cle, format string, a ...any) { e = append(e, f.Erreur(cle, fmt.Sprintf(format, a...))) }
	if !parmi(f.Environnement, "P", "T", "R") {
		refuser("environnement", "P, T ou R attendu")
	}
	if f.Laboratoire && f.Environnement == "P" {
		refuser("laboratoire", "le mode laboratoire est refusé en production")
	}
	if f.Horloge != "" && !f.Laboratoire {
		refuser("horloge", "une horloge réglable n'est admise qu'en laboratoire")
	}
	if !BaseAdmise(f.Base) {
		refuser("base", "sqlite:CHEMIN ou postgres://… attendu")
	}
	f.adresse(&e, "ecoute.adresse", f.Ecoute.Adresse, false)
	f.adresse(&e, "ecoute.ouverte", f.Ecoute.Ouverte, false)
	f.adresseDite(&e, "ecoute.ouverte-publique", f.Ecoute.Publiee)
	f.adresse(&e, "surveillance.adresse", f.Surveillance.Adresse, true)
	f.adresse(&e, "bureau.adresse", f.Bureau.Adresse, true)
	if f.Bureau.Adresse != "" && !f.Laboratoire {
		refuser("bureau.adresse", "le bureau n'existe qu'en laboratoire")
	}
	f.empreintes(&e, "ecoute.ouverte-empreintes", f.Ecoute.Empreintes)
	f.cle(&e, "ecoute", Cle{f.Ecoute.Certificat, f.Ecoute.Cle}, f.SertLEchange())
	if f.Vigie.Suspect < 1 || f.Vigie.Suspect > 100 {
		refuser("vigie.suspect", "pourcentage de 1 à 100 attendu")
	}
	switch autres := len(f.AMC) + len(f.Etablissements) + len(f.Relais); {
	case f.Tiers != nil && (autres > 0 || f.Annuaire != nil || f.AnnuaireSante != nil || f.IGC != nil || f.Tarif != nil):
		refuser("tiers", "le tiers de confiance est seul dans son processus : sa base et ses journaux ne se mêlent à aucun autre")
	case f.Tarif != nil && (autres > 0 || f.Annuaire != nil || f.AnnuaireSante != nil || f.IGC != nil):
		refuser("tarif", "le service de tarification est seul dans son processus : ni sa base ni ses journaux ne disent ce qu'il a vu passer")
	case autres == 0 && f.Annuaire == nil && f.AnnuaireSante == nil && f.IGC == nil && f.Tiers == nil && f.Tarif == nil:
		refuser("", "aucun rôle : une table [[amc]], [[etablissement]], [[relais]], [annuaire-amc], [annuaire-sante], [tiers], [tarif] ou [igc] est attendue")
	}
	for i, x := range f.Confiance.Proprietes {
		if x == "" || len(x) > 20 || strings.ContainsAny(x, " \t") {
			refuser("confiance.proprietes-de-base", "structure n° %d : identifiant de 1 à 20 caractères, ou *, attendu", i+1)
		}
	}
	f.ecoutes(&e)
	f.parties(&e)
	return errors.Join(f.refuserVides(e)...)
}

// SertLEchange tells whether a party of the file answers questions, or hears
// returns.
func (c *Config) SertLEchange() bool {
	return len(c.AMC) > 0 || len(c.Relais) > 0 || c.Annuaire != nil || c.Tiers != nil || c.Tarif != nil ||
		slices.ContainsFunc(c.Etablissements, func(e Etablissement) bool { return e.Retours != "" })
}

// BaseAdmise tells whether an address is that of a database that the house knows.
func BaseAdmise(adresse string) bool {
	for _, debut := range []string{"sqlite:", "postgres://", "postgresql://"} {
		if strings.HasPrefix(adresse, debut) && len(adresse) > len(debut) {
			return true
		}
	}
	return false
}

// refuserVides adds the keys said empty or zero that nothing else refused: what
// the file says must hold, and here it could not.
func (f *Fichier) refuserVides(e []error) []error {
	for _, cle := range f.vides {
		if !slices.ContainsFunc(e, func(err error) bool {
			var x *Erreur
			return errors.As(err, &x) && x.Cle == cle
		}) {
			e = append(e, f.Erreur(cle, "valeur vide ou nulle : retirer la ligne pour la valeur par défaut"))
		}
	}
	return e
}

func (f *Fichier) parties(e *[]error) {
	vus := map[string]bool{}
	unique := func(cle, id string) {
		if vus[id] {
			*e = append(*e, f.Erreur(cle, "partie déjà décrite"))
		}
		vus[id] = true
	}
	for i := range f.AMC {
		a, p := &f.AMC[i], fmt.Sprintf("amc[%d]", i+1)
		if _, err := sante.ParseNumeroAMC(a.Numero); err != nil {
			*e = append(*e, f.Erreur(p+".numero", err.Error()))
		}
		unique(p+".numero", "amc:"+a.Numero)
		if !parmi(a.Portefeuille, "local", "distant") {
			*e = append(*e, f.Erreur(p+".portefeuille", "local ou distant attendu"))
		}
		if a.Portefeuille == "distant" {
			f.https(e, p+".distant.adresse", a.Distant.Adresse)
			if len(a.Distant.Certificats) == 0 {
				*e = append(*e, f.Erreur(p+".distant.certificats", "certificat qui scelle les réponses attendu"))
			}
			for _, c := range a.Distant.Certificats {
				f.existe(e, p+".distant.certificats", c, true)
			}
		}
		f.identite(e, p, &a.Identite, a.Portefeuille == "distant")
		f.droits(e, p+".droits", a)
		f.tiersDe(e, p+".droits.tiers", a)
		f.specifiques(e, p+".droits.specifiques", a)
		f.facturesVille(e, p+".droits.factures", a)
		f.compteurs(e, p+".droits.compteurs", a)
		f.empreintes(e, p+".droits.empreintes", a.Droits.Empreintes)
		f.mandats(e, p+".droits", a)
		if a.DelaiPaye < 1 || a.DelaiPaye > 365 {
			*e = append(*e, f.Erreur(p+".delai-paiement", "de 1 à 365 jours attendus"))
		}
		for _, x := range a.Conventions {
			if _, err := sante.ParseFINESS(x); err != nil {
				*e = append(*e, f.Erreur(p+".conventions", err.Error()))
			}
		}
		for _, x := range a.ReseauxRetours {
			if _, err := netip.ParsePrefix(x); err != nil {
				*e = append(*e, f.Erreur(p+".retours-reseaux", "réseau attendu, comme 10.20.0.0/16"))
			}
		}
		for _, x := range a.Hebergeurs {
			if x == "" || len(x) > 20 {
				*e = append(*e, f.Erreur(p+".retours-hebergeurs", "identifiant de structure attendu, de 1 à 20 caractères"))
			}
		}
		f.fichiers(e, p, &a.Fichiers, func(s string) error { _, err := sante.ParseFINESS(s); return err })
	}
	for i := range f.Etablissements {
		t, p := &f.Etablissements[i], fmt.Sprintf("etablissement[%d]", i+1)
		f.etablissement(e, p, t)
		unique(p+".finess", "es:"+t.Finess)
	}
	for i := range f.Relais {
		r, p := &f.Relais[i], fmt.Sprintf("relais[%d]", i+1)
		if r.ID == "" || len(r.ID) > 20 {
			*e = append(*e, f.Erreur(p+".id", "identifiant de 1 à 20 caractères attendu"))
		}
		unique(p+".id", "relais:"+r.ID)
		if !parmi(r.Role, "OCT", "OTP") {
			*e = append(*e, f.Erreur(p+".role", "OCT ou OTP attendu"))
		}
		f.identite(e, p, &r.Identite, true)
		for j, route := range r.Routes {
			f.https(e, fmt.Sprintf("%s.route[%d].adresse", p, j+1), route.Adresse)
		}
	}
	f.emetteurs(e)
	f.fin(e)
	f.annuaireSante(e)
	if f.Annuaire != nil {
		f.identite(e, "annuaire-amc", &f.Annuaire.Identite, false)
	}
	if f.IGC != nil {
		f.adresse(e, "igc.adresse", f.IGC.Adresse, false)
	}
}

func (f *Fichier) etablissement(e *[]error, p string, t *Etablissement) {
	for _, x := range []struct{ cle, v string }{{".finess", t.Finess}, {".finess-geographique", t.FinessGeo}} {
		if _, err := sante.ParseFINESS(x.v); err != nil {
			*e = append(*e, f.Erreur(p+x.cle, err.Error()))
		}
	}
	if !parmi(t.Categorie, "EPS", "PNL", "HIA", "OQN") {
		*e = append(*e, f.Erreur(p+".categorie", "EPS, PNL, HIA ou OQN attendu"))
	}
	if !parmi(t.Face, "REST", "SOAP") {
		*e = append(*e, f.Erreur(p+".face", "REST ou SOAP attendu"))
	}
	f.https(e, p+".annuaire.adresse", t.AnnuaireAMC.Adresse)
	if t.AnnuaireAMC.Structure == "" {
		*e = append(*e, f.Erreur(p+".annuaire.structure", "structure de l'annuaire attendue : c'est elle qui fait foi"))
	}
	if t.Relais != nil {
		f.https(e, p+".relais.adresse", t.Relais.Adresse)
		if t.Relais.Structure == "" {
			*e = append(*e, f.Erreur(p+".relais.structure", "structure du relais attendue"))
		}
		if t.Identite.Confidentialite == (Cle{}) { // ref: DEC 12
			*e = append(*e, f.Erreur(p+".identite.confidentialite", "clé de confidentialité attendue derrière un relais : sans elle, il lirait les questions"))
		}
	}
	f.adresse(e, p+".api.adresse", t.API.Adresse, false)
	if t.API.Adresse != "" {
		f.existe(e, p+".api.jeton", t.API.Jeton, true)
	}
	f.identite(e, p, &t.Identite, true)
	if t.DelaiPaye < 1 || t.DelaiPaye > 365 {
		*e = append(*e, f.Erreur(p+".delai-paiement", "de 1 à 365 jours"))
	}
	if t.Retours != "" {
		f.https(e, p+".retours", t.Retours)
	}
	f.comptable(e, p+".comptable", t)
	f.existe(e, p+".conventions", t.Conventions, false)
	f.fichiers(e, p, &t.Fichiers, func(s string) error { _, err := sante.ParseNumeroAMC(s); return err })
}

func (f *Fichier) comptable(e *[]error, p string, t *Etablissement) {
	c := &t.Comptable
	refuser := func(cle, dit string) { *e = append(*e, f.Erreur(p+cle, dit)) }
	switch {
	case !parmi(c.Tenu, "auto", "oui", "non"):
		refuser(".tenu", "auto, oui ou non attendu")
	case c.Tenu == "oui" && !c.Tient(t.Categorie):
		refuser(".tenu", "seuls les établissements EPS et HIA ont un comptable public")
	case c.Tenu == "oui" && t.Retours == "":
		refuser(".tenu", "un établissement qui ne facture pas par ce serveur (clé « retours ») n'a pas de titres")
	}
	for _, x := range []struct {
		cle    string
		v, max int
	}{{".fenetre", c.Fenetre, 365}, {".lignes-max", c.LignesMax, 10_000_000}, {".octets-max", c.OctetsMax, 4 << 30}} {
		if x.v < 1 || x.v > x.max {
			refuser(x.cle, fmt.Sprintf("de 1 à %d attendu", x.max))
		}
	}
	if c.Proximite < 1 || c.Proximite > c.Fenetre {
		refuser(".proximite", "de 1 à la fenêtre attendu")
	}
	if x, err := sante.ParseTaux(c.Penalite); err != nil || x < 0 {
		refuser(".penalite", "taux en pour cent attendu, comme 8.50")
	}
	if c.Ouverture != "" {
		if _, err := sante.ParseJour(c.Ouverture); err != nil {
			refuser(".ouverture", "jour attendu, comme 2026-01-01")
		}
	}
	if err := compteLisible(c.Compte); c.Compte != "" && err != nil {
		refuser(".compte", err.Error())
	}
	for _, x := range c.Comptes {
		if err := compteLisible(x); err != nil {
			refuser(".comptes", err.Error())
		}
	}
	for _, x := range c.Colonnes {
		if role, nom, ok := strings.Cut(x, "="); !ok || nom == "" || !parmi(role, RolesColonne()...) {
			refuser(".colonnes", "rôle=nom attendu, comme jour=DATE OPE ; les rôles : "+strings.Join(RolesColonne(), ", "))
		}
	}
	if c.Rapprocher.Duration() < 0 {
		refuser(".rapprocher", "durée attendue, comme 1m")
	}
}

// compteLisible checks the number of an account: an IBAN when it begins with a
// letter, else what the bank says.
func compteLisible(s string) error {
	s = strings.ReplaceAll(s, " ", "")
	if len(s) < 4 || len(s) > 34 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return errors.New("numéro de compte attendu : de 4 à 34 lettres capitales et chiffres")
	}
	if s[0] > '9' {
		_, err := sante.ParseIBAN(s)
		return err
	}
	return nil
}

// fichiers checks the files of a party; lire reads the number of a partner.
func (f *Fichier) fichiers(e *[]error, p string, x *Fichiers, lire func(string) error) {
	if x.TailleMax < 1<<10 || x.TailleMax > 1<<33 {
		*e = append(*e, f.Erreur(p+".fichiers.taille-max", "de 1 Kio à 8 Gio attendus"))
	}
	if x.GardesMax < 1<<10 || x.GardesMax > 1<<40 {
		*e = append(*e, f.Erreur(p+".fichiers.gardes-max", "de 1 Kio à 1 Tio attendus"))
	}
	if x.EnCours < 1 || x.EnCours > 1000 {
		*e = append(*e, f.Erreur(p+".fichiers.en-cours", "de 1 à 1000 attendus"))
	}
	for _, n := range x.Retours {
		if err := lire(n); err != nil {
			*e = append(*e, f.Erreur(p+".fichiers.retours", err.Error()))
		}
	}
}

func (f *Fichier) identite(e *[]error, p string, id *Identite, client bool) {
	if id.Structure == "" {
		*e = append(*e, f.Erreur(p+".identite.structure", "identifiant de structure attendu"))
	}
	f.cle(e, p+".identite.cachet", id.Cachet, true)
	f.cle(e, p+".identite.authentification", id.Authentification, client)
	f.cle(e, p+".identite.confidentialite", id.Confidentialite, false)
	f.cle(e, p+".identite.confidentialite-suivante", id.ConfSuivante, false)
}

func (f *Fichier) cle(e *[]error, p string, c Cle, requise bool) {
	if c == (Cle{}) && !requise {
		return
	}
	f.existe(e, p+".certificat", c.Certificat, true)
	if !strings.HasPrefix(c.Cle, "pkcs11:") {
		f.existe(e, p+".cle", c.Cle, true)
	}
}

func (f *Fichier) existe(e *[]error, cle, chemin string, requis bool) {
	if chemin == "" {
		if requis {
			*e = append(*e, f.Erreur(cle, "chemin attendu"))
		}
		return
	}
	if _, err := os.Stat(f.Resoudre(chemin)); err != nil {
		*e = append(*e, f.Erreur(cle, "fichier introuvable : "+chemin))
	}
}

func (f *Fichier) https(e *[]error, cle, adresse string) {
	u, err := url.Parse(adresse)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		*e = append(*e, f.Erreur(cle, "adresse https de base attendue, comme https://annuaire.exemple.fr"))
	}
}

func (f *Fichier) adresse(e *[]error, cle, a string, boucle bool) {
	if a == "" {
		return
	}
	hote, port, err := net.SplitHostPort(a)
	if err != nil || port == "" {
		*e = append(*e, f.Erreur(cle, "adresse et port attendus, comme 127.0.0.1:8443"))
		return
	}
	ip := net.ParseIP(hote)
	if boucle && hote != "localhost" && (ip == nil || !ip.IsLoopback()) {
		*e = append(*e, f.Erreur(cle, "adresse de la boucle locale attendue"))
	}
}

func parmi(v string, l ...string) bool {
	for _, x := range l {
		if v == x {
			return true
		}
	}
	return false
}
