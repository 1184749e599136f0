package roc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// A code says who must act when the partner refuses us. When it is we who refuse
// the partner, its certificate or its answer, somebody else must: this file says
// who, and what to ask of them.

// exploitant is who runs this software.
const exploitant = "l'exploitant d'Écluse dans l'établissement"

// destinataire names who the question is for: with its preposition, and as who
// must act.
func (a *appel[Q, R]) destinataire() (de, qui string) {
	d := &a.cible.Destinataire
	if d.Type == Annuaire {
		return "de l'annuaire AMC", "le gestionnaire de l'annuaire AMC"
	}
	return "de l'AMC " + d.ID, "l'AMC " + d.ID + " ou son opérateur"
}

// serveur names who holds the server that was spoken to: our relay, when there is
// one.
func (a *appel[Q, R]) serveur() (de, qui string) {
	if a.relaye {
		return "du relais (structure " + a.c.Relais.Structure + ")", "l'opérateur du relais"
	}
	return a.destinataire()
}

// sansReponse tells a certificate that was refused, by us or by the other, from a
// network that fails.
func (a *appel[Q, R]) sansReponse(err error) error {
	de, qui := a.serveur()
	var r *Refus
	var c *certificat.Refus
	switch {
	case errors.As(err, &r): // another name, or not the certificate of the directory
		r.Qui, r.AFaire = qui, "Prévenir "+qui+" : le certificat de l'établissement n'est pas en cause."
		return r
	case errors.As(err, &c):
		return a.certificatRefuse("le certificat du serveur "+de+" est refusé", qui, c, err)
	case certificatNonAdmis(err):
		return a.nousRefuse(de, err)
	}
	var reseau net.Error
	if errors.As(err, &reseau) && reseau.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w dans le délai : %w", ErrSansReponse, err)
	}
	return fmt.Errorf("%w : %w", ErrSansReponse, err)
}

// certificatRefuse refuses a certificate of the partner: it mends it, unless what
// is wrong is here.
func (a *appel[Q, R]) certificatRefuse(quoi, qui string, c *certificat.Refus, cause error) *Refus {
	now := a.c.Horloge()
	r := &Refus{Code: CertificatRefuse, Detail: quoi + " : " + c.Phrase(), Cause: cause, Qui: qui,
		AFaire: "Prévenir " + qui + ", qui doit présenter un autre certificat. Le certificat de l'établissement n'est pas en cause."}
	switch {
	case c.QuiAgit() == certificat.ActeurExploitant:
		r.Qui, r.AFaire = exploitant, "Vérifier les autorités et les listes de révocation du répertoire de confiance d'Écluse ; le certificat de l'établissement n'est pas en cause."
	case c.Motif != certificat.MotifExpire && c.Motif != certificat.MotifPasEncoreValide:
	case a.horlogeFausse(now, c.Motif):
		r.Qui = exploitant
		r.AFaire = "Régler l'horloge de ce serveur, qui dit le " + heure(now) + " : notre propre certificat de cachet n'est pas valable non plus à cette heure. Si elle est juste, renouveler le cachet et prévenir " + qui + "."
	default:
		r.AFaire = "Prévenir " + qui + ", qui doit renouveler son certificat ; celui de l'établissement n'est pas en cause. Vérifier aussi l'horloge de ce serveur, qui dit le " + heure(now) + "."
	}
	return r
}

// horlogeFausse tells whether our own seal is refused for the same reason: our
// clock is then late, or ahead, sooner than two structures are.
func (a *appel[Q, R]) horlogeFausse(now time.Time, m certificat.Motif) bool {
	if a.c.Cachet == nil { // asks without a seal: nothing of ours to compare with
		return false
	}
	c, err := x509.ParseCertificate(a.c.Cachet().Certificat())
	if err != nil {
		return false
	}
	if m == certificat.MotifPasEncoreValide {
		return now.Before(c.NotBefore)
	}
	return now.After(c.NotAfter)
}

// nousRefuse is what a partner says who ends the connection because of our
// certificate: it did not even read the question.
func (a *appel[Q, R]) nousRefuse(de string, cause error) *Refus {
	r := &Refus{Code: CertificatRefuse, Cause: cause, Qui: "l'établissement",
		Detail: "le serveur " + de + " refuse le certificat d'authentification de l'établissement",
		AFaire: "Faire vérifier le certificat d'authentification de l'établissement : ses dates, son usage, et que ce partenaire en connaît l'autorité."}
	if c := a.c.Transport.client(); c != nil && len(c.Certificate) > 0 {
		if x, err := x509.ParseCertificate(c.Certificate[0]); err == nil && a.c.Horloge().After(x.NotAfter) {
			r.Detail += ", expiré le " + x.NotAfter.UTC().Format("02/01/2006")
			r.AFaire = "Faire renouveler le certificat d'authentification de l'établissement."
		}
	}
	return r
}

// alertesCertificat are the TLS alerts by which a server refuses a client's
// certificate: bad, unsupported, revoked, expired, unknown, of an unknown
// authority, denied, required. ref: RFC 8446 §6.2
var alertesCertificat = []tls.AlertError{42, 43, 44, 45, 46, 48, 49, 116}

// certificatNonAdmis tells whether the server ended the connection because of our
// certificate. The type of an alert that was received is not exported: its text
// is that of the one which is.
func certificatNonAdmis(err error) bool {
	var e *net.OpError
	return errors.As(err, &e) && e.Op == "remote error" && e.Err != nil &&
		slices.ContainsFunc(alertesCertificat, func(a tls.AlertError) bool { return a.Error() == e.Err.Error() })
}

// imputer completes a refusal found here, of an answer that is not believed: the
// partner made it, the partner mends it.
func (a *appel[Q, R]) imputer(r *Refus) {
	if r.Distant || r.Qui != "" {
		return
	}
	_, qui := a.destinataire()
	switch r.Code {
	case AutreIdentifiant, SceauInvalide, HorsCercle, Illisible:
		r.Qui, r.AFaire = qui, "Ne rien faire de cette réponse, qui n'est pas crue ; prévenir "+qui+" avec l'identifiant du message."
	case Rejeu:
		r.Qui, r.AFaire = exploitant, "Comparer à une horloge sûre celle de ce serveur, qui dit le "+heure(a.c.Horloge())+" ; si elle est juste, prévenir "+qui+"."
	}
}

func heure(t time.Time) string { return t.UTC().Format("02/01/2006 à 15:04 UTC") }
