package acheminement

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"
)

// livrer delivers one message outside of any transaction, then writes the outcome.
func (t *Tournee) livrer(ctx context.Context, p *Pris) {
	if retenu, err := t.retenir(ctx, p); retenu || err != nil {
		if err != nil && !errors.Is(err, ErrBail) {
			t.o.Journal.Error("acheminement : ce qui est écarté ne se lit pas, l'envoi repartira", "cle", p.Cle, "erreur", err)
		}
		t.noter(p, errArret)
		return
	}
	r, err := t.transporter(ctx, p)
	arret := err != nil && ctx.Err() != nil
	i := juger(p, r, err, t.o.Horloge(), t.o.Reglages.Delais, t.o.Alea())
	var refus *Refus
	if arret && !errors.As(err, &refus) {
		// This node stops: it says nothing of the message.
		i.Sort, i.Code, i.Essais, i.Echeance = Rendu, "", p.Essais, i.Instant
	}
	if err != nil && !arret {
		t.o.Journal.Warn("acheminement : envoi non livré", "destinataire", p.Destinataire, "genre", p.Genre,
			"cle", p.Cle, "sort", string(i.Sort), "code", i.Code, "essais", i.Essais, "erreur", err)
	}
	t.ecarter(ctx, p, i)
	t.conclure(ctx, p, i)
	if arret {
		err = errArret
	}
	t.noter(p, err) // last: outcomes being written hold their places
}

// errArret is the end of a delivery that says nothing of the partner.
var errArret = errors.New("acheminement: arrêt")

// transporter opens the bytes and hands them to the transport.
func (t *Tournee) transporter(ctx context.Context, p *Pris) (r Recu, err error) {
	transport := t.o.Transports[p.Transport]
	if transport == nil {
		return r, &Refus{Code: CodeTransport}
	}
	ctx, finir := context.WithTimeout(ctx, t.o.Reglages.Delai)
	defer finir()
	contenu, err := t.ouvrir(ctx, p)
	if err != nil {
		return r, err
	}
	defer contenu.Close() // read only
	defer func() {
		if x := recover(); x != nil {
			err = &Passager{Code: CodePanique, Cause: fmt.Errorf("%v", x)}
		}
	}()
	var lecteur io.Reader = contenu
	if m, ok := contenu.(memoire); ok {
		lecteur = m.Reader
	}
	r, err = transport.Livrer(ctx, &p.Envoi, lecteur)
	var refus *Refus
	var passager *Passager
	if err != nil && ctx.Err() != nil && !errors.As(err, &refus) && !errors.As(err, &passager) {
		err = &Passager{Code: CodeSilence, Cause: err}
	}
	return r, err
}

// memoire is bytes already read.
type memoire struct{ *bytes.Reader }

func (memoire) Close() error { return nil }

// errContenu is a failure on our side of the transport.
type errContenu struct{ *Passager }

func (e errContenu) Unwrap() error { return e.Passager }

func (t *Tournee) ouvrir(ctx context.Context, p *Pris) (io.ReadCloser, error) {
	echec := func(err error) error { return errContenu{&Passager{Code: CodeContenu, Cause: err}} }
	if p.Reference != "" {
		if t.o.Contenus == nil {
			return nil, echec(errors.New("aucun port n'ouvre les références"))
		}
		c, err := t.o.Contenus.Ouvrir(ctx, p.Tenant, p.Reference)
		if err != nil {
			return nil, echec(err)
		}
		return c, nil
	}
	b := p.Contenu
	if b == nil {
		var err error
		if b, err = t.o.File.Contenu(ctx, p.Cle); err != nil {
			return nil, echec(err)
		}
	}
	if sha256.Sum256(b) != p.Empreinte {
		return nil, &Refus{Code: CodeContenu} // damaged at rest: a person looks
	}
	return memoire{bytes.NewReader(b)}, nil
}

// conclureDelai bounds the writing of an outcome when this node stops.
const conclureDelai = 10 * time.Second

// conclure writes an outcome. When it cannot be written the message is due again
// at the end of its lease.
func (t *Tournee) conclure(ctx context.Context, p *Pris, i *Issue) {
	ctx, finir := context.WithTimeout(context.WithoutCancel(ctx), conclureDelai)
	defer finir()
	var refusee error
	err := t.o.File.Conclure(ctx, i, func(ctx context.Context) error {
		refusee = nil
		if t.o.Suite != nil && (i.Sort == Acquis || i.Sort == Rebute) {
			refusee = t.o.Suite(ctx, &p.Envoi, i)
		}
		return refusee
	})
	if err != nil && refusee != nil {
		t.o.Journal.Error("acheminement : la suite d'un envoi est refusée", "cle", p.Cle, "genre", p.Genre, "erreur", refusee)
		// What a dead letter entails does not bring it back to life: it stays dead,
		// and a person sees it.
		if i.Sort == Acquis {
			i = juger(p, Recu{}, &Passager{Code: CodeSuite}, i.Instant, t.o.Reglages.Delais, t.o.Alea())
		}
		err = t.o.File.Conclure(ctx, i, func(context.Context) error { return nil })
	}
	switch {
	case errors.Is(err, ErrBail):
		t.o.Journal.Info("acheminement : un autre a repris cet envoi", "cle", p.Cle)
	case err != nil:
		t.o.Journal.Error("acheminement : issue non écrite, l'envoi repartira", "cle", p.Cle, "erreur", err)
	}
}

// What the end of a delivery says of the partner.
const (
	rien = iota
	reponse
	silence
)

// avis tells what an end says of the partner: a refusal is an answer; bytes that
// we could not read, and our own stop, say nothing.
func avis(err error) (attente time.Duration, a int) {
	var refus *Refus
	var passager *Passager
	var contenu errContenu
	switch {
	case err == nil:
		return 0, reponse
	case errors.Is(err, errArret), errors.As(err, &contenu):
		return 0, rien
	case errors.As(err, &refus):
		if refus.Code == CodeTransport || refus.Code == CodeContenu {
			return 0, rien
		}
		return 0, reponse
	case errors.As(err, &passager):
		if passager.Avance {
			return passager.Attente, reponse
		}
		return passager.Attente, silence
	}
	return 0, silence
}
