package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// droits checks what an insurer says of its rights outside the hospital: what its lists and
// its accreditations could not carry is refused here, and not at their publication.
func (f *Fichier) droits(e *[]error, p string, a *AMC) {
	x := &a.Droits
	refuser := func(cle, dit string) { *e = append(*e, f.Erreur(p+cle, dit)) }
	switch {
	case x.Ouvre == nil && f.ecriteSous(p):
		refuser(".ouvert", "true ou false attendu : cette table ne dit pas si l'AMC ouvre ses droits, et rien n'en serait publié ni répondu")
	case x.Depannage && !x.Ouvert():
		refuser(".depannage", "droits.ouvert = true attendu : qui dépanne répond de droits, et ne peut pas dire que l'AMC n'ouvre pas ce service")
	case x.Ouvert() && f.Ecoute.Ouverte == "":
		refuser(".ouvert", "porte ouverte attendue (ecoute.ouverte) : c'est là que se lisent les listes et que se demandent les droits")
	}
	f.bornes(e, p, borne{".tolerance", x.Tolerance, 0, 365})
	if utf8.RuneCountInString(x.Convention) > 20 {
		refuser(".convention", "20 caractères au plus")
	}
	for _, c := range x.Categories {
		if l := visiodroits.Categorie(c).Codes(); !parmi(c, l...) {
			refuser(".categories", fmt.Sprintf("%q inconnue : %s attendu", c, strings.Join(l, ", ")))
		}
	}
	if x.Ouvre != nil && utf8.RuneCountInString(a.Libelle) > 60 {
		*e = append(*e, f.Erreur(strings.TrimSuffix(p, ".droits")+".libelle", "60 caractères au plus, dans la liste des services"))
	}
	f.adresseDite(e, p+".adresse", x.Adresse)
	f.adresseDite(e, p+".factures.adresse", x.Factures.Adresse)
}

// adresseDite checks an address that lists tell, when it is said.
func (f *Fichier) adresseDite(e *[]error, cle, adresse string) {
	if adresse == "" {
		return
	}
	f.https(e, cle, adresse)
	if len(adresse) > 200 {
		*e = append(*e, f.Erreur(cle, "200 caractères au plus"))
	}
}

// ecriteSous tells whether a key is written in the table of rights, or in one that it holds:
// an empty table says nothing.
func (f *Fichier) ecriteSous(table string) bool {
	for cle := range f.lignes {
		if c, ok := strings.CutPrefix(cle, table+"."); ok && !strings.HasSuffix(c, "]") && !parmi(c, "tiers", "specifiques", "factures", "compteurs") {
			return true
		}
	}
	return false
}
