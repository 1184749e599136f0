package accreditation

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// VieCle is for how long a key signs, when nobody prolongs it. What it signed is checked
// for as long again: its key is published until then. hyp: VISIO-VIE-CLE
const VieCle = 2 * 365 * 24 * time.Hour

// Cle is the key that signs now, and its name in the list of keys.
type Cle struct {
	Kid   string
	Usage droits.UsageCle
	Cle   crypto.Signer
	// Lieu is where the operator keeps it, and puts another in its place: a file, or a setting.
	Lieu string
	Fin  time.Time // announced; zero: no end
	// Compromise is since when it is known to be in other hands; zero when it is not.
	Compromise time.Time
	// Apres is when it took over from a key that is now known to be in other hands: what was
	// given before is believed by nobody any more. Zero without.
	Apres time.Time
}

// CleFinie says that a key signs no more: whoever would check what it signs now refuses it.
type CleFinie struct {
	Kid        string
	Usage      droits.UsageCle
	Lieu       string
	Fin        time.Time
	Compromise time.Time // why, when it is not that it is over
}

// The names of that refusal for the operator.
const (
	CodeCleFinie      = "CLE_FINIE"
	CodeCleCompromise = "CLE_COMPROMISE"
)

// Precision says it to whoever asked for rights.
func (e *CleFinie) Precision() string {
	if !e.Compromise.IsZero() {
		return "la clé qui signait les accréditations de cet émetteur est compromise : c'est à lui d'en mettre une autre"
	}
	return "la clé qui signe les accréditations de cet émetteur est finie : c'est à lui de la prolonger"
}

// Error tells who must act, and how.
func (e *CleFinie) Error() string {
	if !e.Compromise.IsZero() {
		return fmt.Sprintf("%s : la clé %s (%s), compromise depuis le %s, ne signe plus : l'exploitant de l'émetteur en met une autre à sa place (%s) et redémarre",
			CodeCleCompromise, e.Kid, e.Usage, sante.JourA(e.Compromise, sante.Paris()).Francais(), e.Lieu)
	}
	return fmt.Sprintf("%s : la clé %s (%s) ne signe plus depuis le %s : l'exploitant de l'émetteur la prolonge (ecluse droits prolonger), ou en met une autre et redémarre",
		CodeCleFinie, e.Kid, e.Usage, sante.JourA(e.Fin, sante.Paris()).Francais())
}

// Signe tells whether the key may sign at an instant; the error is a *CleFinie.
func (c Cle) Signe(a time.Time) error {
	if c.Compromise.IsZero() && (c.Fin.IsZero() || a.Before(c.Fin)) {
		return nil
	}
	return &CleFinie{c.Kid, c.Usage, c.Lieu, c.Fin, c.Compromise}
}

// Kid names a key by its thumbprint, so that no two keys share a name.
func Kid(k *ecdsa.PublicKey) (string, error) {
	j, err := visiodroits.JWKDe(k)
	return string(j.Empreinte()), err
}

// avance is how long before it signs a key is said to hold.
const avance = 24 * time.Hour

// Finir says that the issuer gives no more accreditations: the key that signed them ends,
// once all nodes know it, and not before it overlapped the one that it took over from. Who
// takes it afterwards can date nothing of later. Signer gives it back its end, if the issuer
// gives some again.
func (x *Annonceur) Finir(ctx context.Context) error {
	fin := x.Horloge().UTC().Truncate(time.Millisecond).Add(avance)
	cles, err := x.Editions.Cles(ctx, time.Time{})
	if err != nil {
		return err
	}
	n := 0
	for _, c := range publiables(cles, x.Horloge()) { // by their beginning
		if c.Usage != droits.PourAccreditation {
			continue
		}
		if min := c.Debut.Add(visiodroits.Recouvrement); n > 0 && min.After(fin) {
			fin = min
		}
		n++
	}
	return x.Editions.Finir(ctx, droits.PourAccreditation, fin)
}

// Signer inscribes a key that signs from now on. One that is known keeps the end that was
// announced. A new one takes over from the one before it, which is announced for as long
// as lists ask them to overlap, even if it is just over: what it signed stays checked, and
// no reader is caught between the two. A key long over, or in other hands, is not brought
// back.
// ref: VISIO §10 (4)
func (x *Annonceur) Signer(ctx context.Context, kid string, usage droits.UsageCle, k *ecdsa.PublicKey) error {
	a := x.Horloge().UTC().Truncate(time.Millisecond)
	cles, err := x.Editions.Cles(ctx, time.Time{})
	if err != nil {
		return err
	}
	var avant *ClePublique
	for i := range cles {
		switch c := &cles[i]; {
		case c.Kid == kid:
			return x.Editions.Reprendre(ctx, kid)
		case c.Usage == usage && (avant == nil || !c.Debut.Before(avant.Debut)):
			avant = c
		}
	}
	neuve := ClePublique{Kid: kid, Usage: usage, Publique: k, Debut: a.Add(-avance), Fin: a.Add(VieCle)}
	if avant != nil && avant.Compromise.IsZero() && avant.Fin.Add(visiodroits.Recouvrement).After(a) {
		if _, err := x.Editions.Prolonger(ctx, avant.Kid, neuve.Debut.Add(visiodroits.Recouvrement)); err != nil {
			return err
		}
	}
	return x.Editions.Inscrire(ctx, neuve)
}

// ErrFinCle: the new end of a key is not one that may be announced.
var ErrFinCle = fmt.Errorf("fin de clé refusée : après celle qui est annoncée, et dans les %d jours", int(VieCle/(24*time.Hour)))

// Prolonger announces a later end for a key of the issuer: the next list tells it.
func Prolonger(ctx context.Context, e Editions, kid string, fin, a time.Time) error {
	if fin.After(a.Add(VieCle + 24*time.Hour)) { // the last day is whole
		return ErrFinCle
	}
	fait, err := e.Prolonger(ctx, kid, fin)
	if err == nil && !fait {
		err = ErrFinCle
	}
	return err
}

// ErrCompromise: a key may not be said in other hands so.
var ErrCompromise = errors.New("clé déjà dite compromise depuis cet instant ou avant, ou instant à venir")

// Compromettre says that a key of the issuer is in other hands: the next list tells it, and
// whoever reads that list believes nothing that it signed, whatever the date written in it,
// since who holds a key writes the date that he wants. It is never taken back.
// hyp: VISIO-COMPROMISE
func Compromettre(ctx context.Context, e Editions, kid string, depuis, a time.Time) error {
	if depuis.After(a) {
		return ErrCompromise
	}
	fait, err := e.Compromettre(ctx, kid, depuis)
	if err == nil && !fait {
		err = ErrCompromise
	}
	return err
}

// Relire gives a key what is announced of it, among those of its issuer.
func (c Cle) Relire(l []ClePublique) Cle {
	i := slices.IndexFunc(l, func(x ClePublique) bool { return x.Kid == c.Kid })
	if i < 0 {
		return c
	}
	c.Fin, c.Compromise = l[i].Fin, l[i].Compromise
	if slices.ContainsFunc(l, func(x ClePublique) bool { return x.Usage == c.Usage && x.Kid != c.Kid && !x.Compromise.IsZero() }) {
		c.Apres = l[i].Debut.Add(avance)
	}
	return c
}

// publiables are the keys to publish: those that sign, and those that do no more while
// what they signed is checked. A list asks the keys of one purpose to overlap: one that
// was over long before the next came is left out.
func publiables(cles []ClePublique, a time.Time) []ClePublique {
	cles = slices.Clone(cles)
	slices.SortStableFunc(cles, func(x, y ClePublique) int {
		return cmp.Or(cmp.Compare(x.Usage, y.Usage), y.Debut.Compare(x.Debut))
	})
	var l []ClePublique
	for _, c := range cles {
		n := len(l)
		if c.Compromise.IsZero() && !c.Fin.After(a) && n > 0 && l[n-1].Usage == c.Usage && c.Fin.Sub(l[n-1].Debut) < visiodroits.Recouvrement {
			continue
		}
		l = append(l, c)
	}
	slices.SortStableFunc(l, func(x, y ClePublique) int { return cmp.Or(x.Debut.Compare(y.Debut), cmp.Compare(x.Kid, y.Kid)) })
	return l
}
