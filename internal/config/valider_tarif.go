package config

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// fin checks the two sides of pricing. ref: DEC 32
func (f *Fichier) fin(e *[]error) {
	refuser := func(cle, dit string) { *e = append(*e, f.Erreur(cle, dit)) }
	entre := func(cle string, v, min, max int) {
		if v < min || v > max {
			refuser(cle, fmt.Sprintf("de %d à %d attendu", min, max))
		}
	}
	if t := f.Tiers; t != nil {
		if !numeroTiers(t.ID) {
			refuser("tiers.id", "numéro de 8 à 10 chiffres attendu")
		}
		f.identite(e, "tiers", &t.Identite, true)
		if t.Identite.Confidentialite == (Cle{}) { // ref: DEC 12
			refuser("tiers.identite.confidentialite", "clé de confidentialité attendue : sans elle, un relais lirait les réponses")
		}
		entre("tiers.seuil", t.Seuil, 2, 1_000_000)
		entre("tiers.duree", t.Duree, 1, 366)
		entre("tiers.retard", t.Retard, 1, 366)
		if entre("tiers.conserve", t.Conserve, 31, 3660); t.Retard <= 366 && t.Conserve <= t.Retard {
			refuser("tiers.conserve", "plus que tiers.retard attendu : une délivrance se tariferait encore, et son engagement serait oublié aussitôt")
		}
		if t.Leurre == "" {
			refuser("tiers.leurre", "grille attendue, l'une de celles du service de tarification")
		}
		f.adresse(e, "tiers.listes", t.Listes, false)
		if t.Listes == "" {
			refuser("tiers.listes", "adresse et port attendus : personne ne saurait pour quelle clé chiffrer")
		}
		if (t.CleSuivante == "") != (t.Suivante == "") {
			refuser("tiers.suivante-debut", "une clé suivante et le premier jour où elle sert vont ensemble")
		} else if _, err := sante.ParseJour(t.Suivante); t.Suivante != "" && err != nil {
			refuser("tiers.suivante-debut", err.Error())
		}
		f.https(e, "tiers.tarification.adresse", t.Tarification.Adresse)
		if t.Tarification.Structure == "" {
			refuser("tiers.tarification.structure", "structure du service de tarification attendue : c'est elle qui fait foi")
		}
		f.emetteursJetons(e, t.Emetteurs)
		f.reserve(e, "tiers")
	}
	if t := f.Tarif; t != nil {
		if t.ID == "" || len(t.ID) > 20 {
			refuser("tarif.id", "identifiant de 1 à 20 caractères attendu")
		}
		f.identite(e, "tarif", &t.Identite, false)
		f.existe(e, "tarif.tables", t.Tables, true)
		entre("tarif.seuil", t.Seuil, 2, 1_000_000)
		if t.Verser.Duration() < 0 {
			refuser("tarif.verser", "durée attendue, comme 1h")
		}
		f.reserve(e, "tarif")
	}
}

// reserve refuses what would let the doors of the fine side be confused with others.
func (f *Fichier) reserve(e *[]error, role string) {
	if f.Ecoute.Ouverte != "" {
		*e = append(*e, f.Erreur("ecoute.ouverte", "aucune porte sans certificat du côté de la tarification ("+role+")"))
	}
	if f.Confiance.EchecSouple.Duration() > 0 {
		*e = append(*e, f.Erreur("confiance.echec-souple", "sur un doute, la tarification refuse : 0s attendu"))
	}
}

func (f *Fichier) specifiques(e *[]error, p string, a *AMC) {
	x := &a.Droits.Specifiques
	if len(x.Prestations) == 0 {
		return
	}
	refuser := func(cle, dit string) { *e = append(*e, f.Erreur(p+cle, dit)) }
	for _, c := range x.Prestations {
		if c == "" || len(c) > 13 {
			refuser(".prestations", "code de prestation de 1 à 13 caractères attendu")
		}
	}
	switch {
	case len(x.Prestations) > 50:
		refuser(".prestations", "50 codes au plus")
	case !a.Droits.Ouvert():
		refuser(".prestations", "l'AMC n'ouvre pas ses droits (droits.ouvert)")
	case a.Portefeuille == "distant":
		refuser(".prestations", "un portefeuille distant ne dit pas combien partagent une grille de garanties")
	}
	if a.Droits.Tiers.ID == "" {
		refuser(".prestations", "tiers de confiance attendu (droits.tiers) : c'est à lui que le poste remet le jeton")
	}
	if x.Seuil < 2 {
		refuser(".seuil", "au moins 2 attendu : une grille d'une personne la désigne")
	}
	if x.Validite < 0 || x.Validite > 30 {
		refuser(".validite", "de 0 à 30 jours attendu")
	}
}

func (f *Fichier) compteurs(e *[]error, p string, a *AMC) {
	x := &a.Droits.Compteurs
	f.bornes(e, p, borne{".jours", x.Jours, 31, 3660}, borne{".envois", x.Envois, 1, 100_000}, borne{".sans-sceau", x.SansSceau, 1, 10_000_000})
}

// empreintes checks digests of certificates of servers, four at most.
func (f *Fichier) empreintes(e *[]error, cle string, l []string) {
	if len(l) == 1 && l[0] == AucuneEmpreinte {
		return
	}
	for _, x := range l {
		if len(l) > 4 || len(x) != 64 || strings.Trim(x, "0123456789abcdef") != "" {
			*e = append(*e, f.Erreur(cle, "quatre empreintes au plus, de 64 chiffres hexadécimaux en minuscules ; voir openssl x509 -outform DER | sha256sum"))
			return
		}
	}
}

// borne is a number and what it may be.
type borne struct {
	cle         string
	v, min, max int
}

func (f *Fichier) bornes(e *[]error, p string, l ...borne) {
	for _, v := range l {
		if v.v < v.min || v.v > v.max {
			*e = append(*e, f.Erreur(p+v.cle, fmt.Sprintf("de %d à %d attendu", v.min, v.max)))
		}
	}
}

func (f *Fichier) facturesVille(e *[]error, p string, a *AMC) {
	x := &a.Droits.Factures
	if !x.Ouvert {
		return
	}
	refuser := func(cle, dit string) { *e = append(*e, f.Erreur(p+cle, dit)) }
	switch {
	case !a.Droits.Ouvert():
		refuser(".ouvert", "l'AMC n'ouvre pas ses droits (droits.ouvert) : aucune facture n'aurait d'accréditation")
	case a.Droits.Depannage:
		refuser(".ouvert", "qui dépanne ne paie pas : l'AMC reçoit elle-même les factures")
	}
	if garde := int(f.Conservation.Engagements.Duration() / (24 * time.Hour)); garde < x.Delai {
		refuser(".delai", fmt.Sprintf("%d jours au plus : une facture s'oublie ensuite (conservation.engagements), et la même, renvoyée, serait payée deux fois", garde))
	}
	if x.Compte != "" {
		if n, err := sante.ParseIBAN(x.Compte); err != nil {
			refuser(".compte", err.Error())
		} else if !n.SEPA() {
			refuser(".compte", "compte dans l'espace SEPA attendu : le fichier de la banque est fait de virements SEPA")
		}
	}
	if utf8.RuneCountInString(x.Titulaire) > 70 {
		refuser(".titulaire", "70 caractères au plus")
	}
	f.bornes(e, p, borne{".delai", x.Delai, 1, 3660}, borne{".quota", x.Quota, 1, 100}, borne{".quota-des", x.QuotaDes, 1, 1_000_000})
}

// tiersDe checks what an insurer says of the third party of its pricing.
func (f *Fichier) tiersDe(e *[]error, p string, a *AMC) {
	t := &a.Droits.Tiers
	if t.ID == "" && t.Adresse == "" && t.Structure == "" && len(t.Listes)+len(t.Empreintes) == 0 {
		return
	}
	refuser := func(cle, dit string) { *e = append(*e, f.Erreur(p+cle, dit)) }
	f.https(e, p+".adresse", t.Adresse)
	if !numeroTiers(t.ID) {
		refuser(".id", "numéro du tiers attendu, de 8 à 10 chiffres")
	}
	if t.Structure == "" {
		refuser(".structure", "structure du tiers attendue : c'est son sceau qui fait foi")
	}
	if f.empreintes(e, p+".empreintes", t.Empreintes); slices.Contains(t.Empreintes, AucuneEmpreinte) {
		refuser(".empreintes", "retirer cette ligne pour admettre tout certificat de confiance")
	}
	for _, x := range t.Listes {
		f.https(e, p+".listes", x)
	}
	if len(t.Listes) == 0 {
		refuser(".listes", "adresse de ses listes attendue : elles disent pour quelle clé chiffrer")
	}
	if a.Droits.Factures.Ouvert && a.Identite.Authentification == (Cle{}) {
		refuser(".adresse", "certificat d'authentification de l'AMC attendu (identite.authentification) : le tiers n'entend pas d'inconnu")
	}
}

// emetteursJetons checks who may sign tokens: each is named once.
func (f *Fichier) emetteursJetons(e *[]error, l []EmetteurJetons) {
	if len(l) == 0 {
		*e = append(*e, f.Erreur("tiers.emetteur", "émetteur attendu : sans les clés de qui signe les jetons, aucun dossier ne s'ouvre"))
	}
	vus := map[string]bool{}
	for i, x := range l {
		p := fmt.Sprintf("tiers.emetteur[%d]", i+1)
		refuser := func(sous, dit string) { *e = append(*e, f.Erreur(p+sous, dit)) }
		for sous, numeros := range map[string][]string{".numero": {x.Numero}, ".amc": x.AMC} {
			for _, n := range numeros {
				if _, err := sante.ParseNumeroAMC(n); err != nil {
					refuser(sous, err.Error())
				}
			}
		}
		if vus[x.Numero] {
			refuser(".numero", "émetteur déjà écrit : toutes ses AMC ensemble")
		}
		vus[x.Numero] = true
		if x.Structure == "" {
			refuser(".structure", "structure attendue : c'est son sceau qui fait croire ses listes")
		}
		for _, a := range x.Listes {
			f.https(e, p+".listes", a)
		}
		if len(x.Listes) == 0 {
			refuser(".listes", "adresse de ses listes attendue : elles disent ses clés")
		}
	}
}

func numeroTiers(s string) bool {
	return len(s) >= 8 && len(s) <= 10 && strings.Trim(s, "0123456789") == ""
}

// mandats checks the mandates of dépannage of an insurer. ref: VISIO §8.2
func (f *Fichier) mandats(e *[]error, p string, a *AMC) {
	var periodes [][2]sante.Jour
	for i := range a.Droits.Mandats {
		m, cle := &a.Droits.Mandats[i], fmt.Sprintf("%s.mandat[%d]", p, i+1)
		refuser := func(sous, dit string) { *e = append(*e, f.Erreur(cle+sous, dit)) }
		switch _, err := sante.ParseNumeroAMC(m.Operateur); {
		case a.Droits.Depannage:
			refuser(".operateur", "qui dépanne ne mandate personne : c'est l'AMC qui le dit, chez elle")
		case err != nil:
			refuser(".operateur", "numéro de l'opérateur attendu : "+err.Error())
		case m.Operateur == a.Numero:
			refuser(".operateur", "le dépannage est donné par un opérateur, pas par l'AMC")
		}
		if m.Structure == "" || len(m.Structure) > 20 {
			refuser(".structure", "structure de l'opérateur attendue : c'est son sceau qui répond, et qui fait foi de ses listes")
		}
		for _, x := range m.Listes {
			f.https(e, cle+".listes", x)
		}
		if a.Droits.Factures.Ouvert && len(m.Listes) == 0 {
			refuser(".listes", "adresse des listes de l'opérateur attendue : sans elles, une facture sous son accréditation attendrait toujours")
		}
		debut, fin, err := m.Periode()
		if err != nil {
			refuser(".debut", err.Error())
			continue
		}
		if fin.IsZero() {
			fin = math.MaxInt32
		}
		if slices.ContainsFunc(periodes, func(x [2]sante.Jour) bool { return debut <= x[1] && x[0] <= fin }) {
			refuser(".debut", "deux mandats le même jour : un opérateur à la fois")
		}
		periodes = append(periodes, [2]sante.Jour{debut, fin})
	}
}

// Periode is the first and the last day of a mandate, zero when it has no end.
func (m *MandatDepannage) Periode() (debut, fin sante.Jour, err error) {
	if debut, err = sante.ParseJour(m.Debut); err != nil {
		return 0, 0, fmt.Errorf("premier jour attendu : %w", err)
	}
	if m.Fin == "" {
		return debut, 0, nil
	}
	if fin, err = sante.ParseJour(m.Fin); err != nil {
		return 0, 0, fmt.Errorf("fin : %w", err)
	}
	if fin < debut {
		return 0, 0, errors.New("fin avant le premier jour")
	}
	return debut, fin, nil
}

// emetteurs refuses that one number publishes for insurers under two seals, or lists of
// revoked accreditations under two keys.
func (f *Fichier) emetteurs(e *[]error) {
	vus := map[string]*AMC{}
	for i := range f.AMC {
		a, p := &f.AMC[i], fmt.Sprintf("amc[%d]", i+1)
		x := a.Droits.Emetteur
		if x == "" || !a.Droits.Ouvert() {
			continue
		}
		if _, err := sante.ParseNumeroAMC(x); err != nil {
			*e = append(*e, f.Erreur(p+".droits.emetteur", err.Error()))
		}
		switch premier := vus[x]; {
		case premier == nil:
			vus[x] = a
		case premier.Identite.Structure != a.Identite.Structure:
			*e = append(*e, f.Erreur(p+".droits.emetteur", "cet opérateur publie déjà sous le sceau d'une autre structure : la même attendue pour toutes ses AMC"))
		case premier.Droits.CleLAR != a.Droits.CleLAR:
			*e = append(*e, f.Erreur(p+".droits.cle-lar", "une seule liste de révocations par opérateur : la même clé attendue pour toutes ses AMC"))
		}
	}
}
