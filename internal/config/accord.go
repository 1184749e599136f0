package config

import (
	"errors"
	"fmt"
)

// Accorder checks that configurations of several processes say nothing that the others
// contradict: each is good alone. What only one of them knows is not judged.
func Accorder(l []*Fichier) error {
	var e []error
	for _, f := range l {
		for i := range f.AMC {
			a, p := &f.AMC[i], fmt.Sprintf("amc[%d].droits", i+1)
			if !a.Droits.Ouvert() {
				continue
			}
			for _, g := range l {
				g.accorderTiers(&e, f, p, a)
				g.accorderDepannage(&e, f, p, a)
			}
		}
		if f.Tiers != nil {
			for _, g := range l {
				f.accorderTarif(&e, g)
			}
		}
	}
	return errors.Join(e...)
}

// accorderTiers compares an insurer of another file with the third party of this one.
func (f *Fichier) accorderTiers(e *[]error, chez *Fichier, p string, a *AMC) {
	t, x := f.Tiers, &a.Droits
	if t == nil || x.Tiers.ID != t.ID {
		return
	}
	if x.Factures.Ouvert && t.Conserve <= x.Factures.Delai { // ref: VISIO §13 (F708)
		*e = append(*e, f.Erreur("tiers.conserve", fmt.Sprintf("plus de %d jours attendus : l'AMC %s reçoit des factures jusque-là (droits.factures.delai), et le tiers doit encore pouvoir dire si elles portent ce qui a été tarifé", x.Factures.Delai, a.Numero)))
	}
	if len(x.Specifiques.Prestations) > 0 && x.Specifiques.Seuil < t.Seuil { // ref: DEC 32
		*e = append(*e, chez.Erreur(p+".specifiques.seuil", fmt.Sprintf("au moins %d attendu : le tiers %s refuserait (300) les jetons d'une grille moins partagée (tiers.seuil)", t.Seuil, t.ID)))
	}
	if x.Tiers.Structure != t.Identite.Structure {
		*e = append(*e, chez.Erreur(p+".tiers.structure", fmt.Sprintf("%s attendu : c'est la structure du tiers %s (tiers.identite.structure), et l'AMC ne croirait ni ses listes ni ses réponses", t.Identite.Structure, t.ID)))
	}
}

// accorderDepannage compares the mandate of an insurer of another file with what the
// operator of this one answers in its name.
func (f *Fichier) accorderDepannage(e *[]error, chez *Fichier, p string, a *AMC) {
	if a.Droits.Depannage {
		return
	}
	for i := range f.AMC {
		o := &f.AMC[i]
		if !o.Droits.Depannage || o.Numero != a.Numero {
			continue
		}
		mandate := false
		for k := range a.Droits.Mandats {
			m := &a.Droits.Mandats[k]
			if m.Operateur != o.Droits.Emetteur {
				continue
			}
			mandate = true
			if m.Structure != o.Identite.Structure {
				*e = append(*e, chez.Erreur(fmt.Sprintf("%s.mandat[%d].structure", p, k+1), fmt.Sprintf("%s attendu : c'est sous ce sceau que l'opérateur %s dépanne", o.Identite.Structure, m.Operateur)))
			}
		}
		if !mandate {
			*e = append(*e, f.Erreur(fmt.Sprintf("amc[%d].droits.depannage", i+1), fmt.Sprintf("l'AMC %s ne mandate pas l'opérateur %s (droits.mandat) : aucun poste ne croirait ce qu'il accrédite", a.Numero, o.Droits.Emetteur)))
		}
	}
}

// accorderTarif compares the third party of this file with the pricing of another.
func (f *Fichier) accorderTarif(e *[]error, g *Fichier) {
	t, x := f.Tiers, g.Tarif
	if x == nil || t.Tarification.ID != x.ID {
		return
	}
	if t.Seuil < x.Seuil {
		*e = append(*e, f.Erreur("tiers.seuil", fmt.Sprintf("au moins %d attendu : le service de tarification refuserait une grille moins partagée (tarif.seuil)", x.Seuil)))
	}
	if t.Tarification.Structure != x.Identite.Structure {
		*e = append(*e, f.Erreur("tiers.tarification.structure", x.Identite.Structure+" attendu : c'est la structure du service de tarification (tarif.identite.structure)"))
	}
}
