package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
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
				g.accorderEmetteurs(&e, l, f, a)
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

// accorderEmetteurs compares who signs the tokens of an insurer of another file with those
// that the third party of this one believes: each difference makes all its tokens refused.
func (f *Fichier) accorderEmetteurs(e *[]error, tous []*Fichier, chez *Fichier, a *AMC) {
	if f.Tiers == nil || a.Droits.Tiers.ID != f.Tiers.ID || len(a.Droits.Specifiques.Prestations) == 0 {
		return
	}
	numero := cmp.Or(a.Droits.Emetteur, a.Numero)
	i := slices.IndexFunc(f.Tiers.Emetteurs, func(x EmetteurJetons) bool { return x.Numero == numero })
	if i < 0 {
		*e = append(*e, f.Erreur("tiers.emetteur", fmt.Sprintf("émetteur %s attendu : il signe les jetons de l'AMC %s (droits.specifiques), et aucun n'ouvrirait de dossier", numero, a.Numero)))
		return
	}
	x, p := &f.Tiers.Emetteurs[i], fmt.Sprintf("tiers.emetteur[%d]", i+1)
	refuser := func(sous, dit string) { *e = append(*e, f.Erreur(p+sous, dit)) }
	signe := x.AMC
	if len(signe) == 0 {
		signe = []string{x.Numero}
	}
	if !slices.ContainsFunc(signe, func(n string) bool { return memeAMC(n, a.Numero) }) {
		refuser(".amc", fmt.Sprintf("%s attendue aussi : cet émetteur signe ses jetons (amc.droits.emetteur)", a.Numero))
	}
	if x.Structure != a.Identite.Structure {
		refuser(".structure", fmt.Sprintf("%s attendu : c'est sous ce sceau que l'AMC %s publie ses clés (amc.identite.structure)", a.Identite.Structure, a.Numero))
	}
	if !slices.ContainsFunc(x.Listes, func(porte string) bool { return peutDire(tous, chez, numero, porte) }) {
		refuser(".listes", fmt.Sprintf("%s attendu, la porte ouverte de l'AMC %s, ou celle d'un relais qui redonne ses listes (relais.source) : ses clés ne se lisent à aucune de ces adresses", chez.PorteOuverte(), a.Numero))
	}
}

// memeAMC tells whether two writings are of one number.
func memeAMC(a, b string) bool {
	x, err1 := sante.ParseNumeroAMC(a)
	y, err2 := sante.ParseNumeroAMC(b)
	return err1 == nil && err2 == nil && x.Sur10() == y.Sur10()
}

// peutDire tells whether the lists of an issuer of a file may be read at a door: it is its
// own, or that of a relay that gives them again. One that no file has may be such a relay's,
// unless it is at the issuer's own host.
func peutDire(tous []*Fichier, chez *Fichier, numero, porte string) bool {
	hote, cette := lieu(porte)
	sienne, la := lieu(chez.PorteOuverte())
	if cette == la {
		return true
	}
	connue := false
	for _, g := range tous {
		if _, x := lieu(g.PorteOuverte()); g.Ecoute.Ouverte == "" || x != cette {
			continue
		}
		connue = true
		for _, r := range g.Relais {
			if slices.ContainsFunc(r.Sources, func(s Source) bool { return s.Emetteur == numero }) {
				return true
			}
		}
	}
	return !connue && hote != sienne
}

// lieu is the host of an address, and the host with its port and path.
func lieu(adresse string) (hote, tout string) {
	u, err := url.Parse(adresse)
	if err != nil {
		return "", adresse
	}
	hote = strings.ToLower(u.Hostname())
	return hote, net.JoinHostPort(hote, cmp.Or(u.Port(), "443")) + strings.TrimSuffix(u.Path, "/")
}

// accorderDepannage compares the mandate of an insurer of another file with what the
// operator of this one answers in its name.
func (f *Fichier) accorderDepannage(e *[]error, chez *Fichier, p string, a *AMC) {
	if a.Droits.Depannage {
		return
	}
	for i := range f.AMC {
		o := &f.AMC[i]
		if !o.Droits.Depannage || !memeAMC(o.Numero, a.Numero) {
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
