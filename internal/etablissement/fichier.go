package etablissement

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Provenance is how a file came: who handed it over, and for which insurers he may
// speak.
type Provenance struct {
	Nom   string // of the file
	Remis string // who, and by what way, in French
	// Parle tells whether who handed it over speaks for an insurer; nil for a person
	// of the hospital.
	Parle func(sante.NumeroAMC) bool
	// Production tells whether a file of tests is to be refused.
	Production bool
	// TailleMax bounds the file; 0 for no bound.
	TailleMax int64
}

// lotDeFichier is how many invoices a transaction takes.
const lotDeFichier = 200

// LireRetours reads a NOEMIE-style return file: payments and rejections have the
// effect of a sealed return, but nobody signed them, and it is said so. The file is
// read a first time to be judged whole: cut short, of another, or with totals that
// disagree, nothing of it is loaded. Then each invoice has its effect once, whole or
// not at all; one that cannot be is reported and the next is read. A reading cut
// short goes on where it stopped. It works in constant memory.
// ref: ROC §17.3, §17.4, DEC 28
func (s *Service) LireRetours(ctx context.Context, r io.ReadSeeker, p Provenance) (*FichierRecu, error) {
	if s.Fichiers == nil {
		return nil, refuser(ErrDonnees, "", "Cet établissement ne lit pas de fichiers de retour par ce serveur.")
	}
	f := &FichierRecu{Nom: p.Nom, Remis: p.Remis, Instant: s.maintenant(), Etat: FichierEnCours}
	juge, err := s.juger(ctx, r, &p, f)
	if err != nil {
		return nil, err
	}
	ouvert, err := s.Fichiers.Ouvrir(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("etablissement: ouvrir un fichier de retour: %w", err)
	}
	switch {
	case ouvert.Etat == FichierLu:
		ouvert.DejaLu = true
		return ouvert, nil
	case ouvert.Etat == FichierRefuse: // what stood against it may have been mended since
		ouvert.reprendre()
	}
	if juge.code != "" {
		ouvert.Etat, ouvert.Code = FichierRefuse, string(juge.code)
		for _, x := range juge.refus {
			ouvert.refuser(x)
		}
		return ouvert, s.Factures.Ensemble(ctx, func(ctx context.Context) error { return s.avancer(ctx, ouvert) })
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("etablissement: relire un fichier: %w", err)
	}
	motif := FichierPanne
	switch err := s.proteger(ouvert, func() error { return s.charger(ctx, r, ouvert, juge) }); {
	case errors.Is(err, errChange):
		motif = FichierChange
	case !errors.Is(err, errPanique):
		return ouvert, err
	}
	ouvert.Etat, ouvert.Code = FichierRefuse, string(motif)
	ouvert.refuser(RefusFichier{Code: string(motif), Motif: motif.Libelle()})
	return ouvert, s.Factures.Ensemble(ctx, func(ctx context.Context) error { return s.avancer(ctx, ouvert) })
}

// errPanique: a fault of ours, that this file awakens.
var errPanique = errors.New("etablissement: la lecture d'un fichier s'est interrompue")

// proteger keeps a fault of ours from stopping the files that follow: that file alone
// is refused. The trace names where, and quotes nothing of the file.
func (s *Service) proteger(f *FichierRecu, lire func() error) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = errPanique
			s.journal().Error("lecture d'un fichier interrompue", slog.String("fichier", f.Jeton()), slog.String("faute", fmt.Sprintf("%T", x)),
				slog.String("pile", string(debug.Stack())))
		}
	}()
	return lire()
}

// jugement is what the first reading says of a file.
type jugement struct {
	entete noemie.Entete
	amc    sante.NumeroAMC
	code   MotifFichier // why it is refused whole
	refus  []RefusFichier
}

func (j *jugement) refuser(m MotifFichier) *jugement {
	j.code = m
	j.refus = append([]RefusFichier{{Code: string(m), Motif: m.Libelle()}}, j.refus...)
	return j
}

// juger reads a file whole, to its digest and its totals.
func (s *Service) juger(ctx context.Context, r io.Reader, p *Provenance, f *FichierRecu) (*jugement, error) {
	h := sha256.New()
	compte := &compteur{ctx: ctx, r: r, max: p.TailleMax}
	source := io.TeeReader(compte, h)
	j := lireEntier(source)
	if compte.panne != nil {
		return nil, fmt.Errorf("etablissement: lire un fichier: %w", compte.panne)
	}
	// What follows the first fatal error counts in the digest too, within the bound.
	if _, err := io.Copy(io.Discard, source); err != nil && compte.panne != nil {
		return nil, fmt.Errorf("etablissement: lire un fichier: %w", compte.panne)
	}
	f.Taille = compte.lus
	h.Sum(f.Empreinte[:0])
	f.Reference = j.entete.Reference
	j.amc, _ = sante.ParseNumeroAMC(strings.TrimSpace(j.entete.Emetteur))
	f.AMC = j.amc.String()
	switch {
	case compte.trop:
		return j.refuser(FichierTaille), nil
	case j.code != "":
		return j.refuser(j.code), nil
	case j.entete.Destinataire != "" && j.entete.Destinataire != s.Maison.Etablissement.FinessJuridique.String():
		return j.refuser(FichierDestinataire), nil
	case j.amc.IsZero() || p.Parle != nil && !p.Parle(j.amc) || p.Parle == nil && !s.litFichiersDe(j.amc):
		return j.refuser(FichierEmetteur), nil
	case j.entete.Flux == "T" && p.Production || j.entete.Flux == "R" && !p.Production:
		return j.refuser(FichierTest), nil
	case !j.entete.Rejets() && !strings.HasPrefix(j.entete.Reference, "5"):
		return j.refuser(FichierReference), nil
	}
	return j, nil
}

// litFichiersDe tells whether the returns of an insurer may come by file.
func (s *Service) litFichiersDe(n sante.NumeroAMC) bool {
	if s.table().Concerne(n) {
		return true
	}
	for _, x := range s.RetoursParFichier {
		if x == n {
			return true
		}
	}
	return false
}

// compteur bounds what is read, and tells its failures from those of the format.
type compteur struct {
	ctx   context.Context
	r     io.Reader
	lus   int64
	max   int64
	trop  bool
	panne error
}

func (c *compteur) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		c.panne = err
		return 0, err
	}
	if c.trop || c.max > 0 && c.lus >= c.max+1 {
		c.trop = true
		return 0, io.ErrUnexpectedEOF
	}
	if reste := c.max + 1 - c.lus; c.max > 0 && int64(len(b)) > reste {
		b = b[:reste]
	}
	n, err := c.r.Read(b)
	if c.lus += int64(n); c.max > 0 && c.lus > c.max {
		c.trop = true
	}
	if err != nil && err != io.EOF {
		c.panne = err
	}
	return n, err
}

// errChange: what is loaded is not what was judged.
var errChange = errors.New("etablissement: le fichier a changé pendant sa lecture")

// change is why a file judged good cannot be read again: a failure of the source, or
// another content.
func (c *compteur) change(err error) error {
	if c.panne != nil {
		return fmt.Errorf("etablissement: relire un fichier: %w", c.panne)
	}
	return errors.Join(errChange, err)
}

// lireEntier judges the form of a file.
func lireEntier(r io.Reader) *jugement {
	j := &jugement{}
	x, err := noemie.Lire(r, noemie.Limites{})
	if err != nil {
		j.code, j.refus = FichierForme, []RefusFichier{refusNoemie(err)}
		return j
	}
	j.entete = x.Entete()
	for {
		_, err := x.Suivante()
		if err == io.EOF {
			return j
		}
		var e *noemie.Erreur
		if err == nil || errors.As(err, &e) && e.Refusee && !e.Motif.Fatal() {
			continue // an invoice alone is told when it is loaded
		}
		if j.code = FichierForme; len(j.refus) < RefusMax {
			j.refus = append(j.refus, refusNoemie(err))
		}
		if e == nil || e.Motif.Fatal() {
			return j
		}
	}
}

func refusNoemie(err error) RefusFichier {
	var e *noemie.Erreur
	if !errors.As(err, &e) {
		return RefusFichier{Code: noemie.MotifLecture.Code(), Motif: noemie.MotifLecture.String()}
	}
	x := RefusFichier{Ligne: e.Ligne, Numero: e.Numero, Champ: e.Champ, Code: e.Motif.Code(), Motif: e.Motif.String(), Facture: neutre(e.Facture)}
	if e.Entite <= 999 && e.Numero > 0 {
		x.Entite = e.Entite.String()
	}
	return x
}

// charger reads a judged file again, and gives each invoice its effect.
func (s *Service) charger(ctx context.Context, r io.Reader, f *FichierRecu, j *jugement) error {
	h := sha256.New()
	source := &compteur{ctx: ctx, r: io.TeeReader(r, h), max: f.Taille}
	x, err := noemie.Lire(source, noemie.Limites{})
	if err != nil {
		return source.change(err)
	}
	var lot []lue
	vues := 0
	for fini := false; !fini; {
		facture, err := x.Suivante()
		var e *noemie.Erreur
		switch {
		case err == io.EOF:
			if _, err := io.Copy(io.Discard, source); err != nil || [32]byte(h.Sum(nil)) != f.Empreinte {
				return source.change(err)
			}
			fini = true
		case err == nil:
			if vues++; vues > f.Faites {
				lot = append(lot, lue{facture: facture.Copie()})
			}
		case errors.As(err, &e) && e.Refusee && !e.Motif.Fatal():
			if vues++; vues > f.Faites {
				lot = append(lot, lue{refus: refusNoemie(err)})
			}
		default:
			return source.change(err)
		}
		if len(lot) == lotDeFichier || fini {
			if err := s.chargerLot(ctx, f, j, lot, fini); err != nil {
				return err
			}
			lot = lot[:0]
		}
	}
	return nil
}

// lue is an invoice of a file, or why it could not be read.
type lue struct {
	facture *noemie.Facture
	refus   RefusFichier
	motif   MotifFichier // why it is not to be loaded
}

// chargerLot gives some invoices their effect. Those of a transfer that the comptable
// refuses are refused, and the others are loaded without them.
func (s *Service) chargerLot(ctx context.Context, f *FichierRecu, j *jugement, l []lue, fini bool) error {
	for {
		err := s.essayerLot(ctx, f, j, l, fini)
		var refus *annonceRefusee
		if !errors.As(err, &refus) {
			return err
		}
		for _, i := range refus.factures {
			l[i].motif = FactureAnnonce
		}
	}
}

// annonceRefusee is a transfer that the comptable refuses, and its invoices by their
// place in what was read.
type annonceRefusee struct {
	factures []int
	cause    error
}

func (e *annonceRefusee) Error() string { return e.cause.Error() }
func (e *annonceRefusee) Unwrap() error { return e.cause }

// essayerLot gives some invoices their effect, and writes how far the reading came, in
// one transaction.
func (s *Service) essayerLot(ctx context.Context, f *FichierRecu, j *jugement, l []lue, fini bool) error {
	var apres FichierRecu
	err := s.Factures.Ensemble(ctx, func(ctx context.Context) error {
		apres = *f
		apres.Refus = append([]RefusFichier(nil), f.Refus...)
		par, err := s.parReference(ctx, j.amc, l)
		if err != nil {
			return err
		}
		livre, err := s.ouvrirLivre(ctx)
		if err != nil {
			return err
		}
		var tout effets
		for i, x := range l {
			apres.Faites++
			if x.facture == nil {
				apres.refuser(x.refus)
				continue
			}
			motif, paye := x.motif, sante.Montant(0)
			if tout.place = i; motif == "" {
				if motif, paye, err = s.appliquer(ctx, &apres, j, x.facture, par, livre, &tout); err != nil {
					return err
				}
			}
			if motif != "" {
				apres.refuser(RefusFichier{Ligne: x.facture.Position.Ligne, Numero: x.facture.Position.Entite, Entite: "100",
					Code: string(motif), Motif: motif.Libelle(), Facture: neutre(x.facture.Numero)})
				continue
			}
			apres.Chargees++
			apres.Montant += paye
		}
		if err := tout.dire(ctx, s, f, j.amc, apres.Faites); err != nil {
			return err
		}
		if err := livre.fermer(ctx); err != nil {
			return err
		}
		if fini {
			apres.Etat = FichierLu
		}
		return s.avancer(ctx, &apres)
	})
	if err == nil {
		*f = apres
	}
	return err
}

// avancer writes how far a reading came, and its trace when it is over.
func (s *Service) avancer(ctx context.Context, f *FichierRecu) error {
	if err := s.Fichiers.Avancer(ctx, f); err != nil || f.Etat == FichierEnCours || s.TracerFichier == nil {
		return err
	}
	if err := s.TracerFichier(ctx, f); err != nil {
		return fmt.Errorf("etablissement: tracer un fichier: %w", err)
	}
	return nil
}

func (s *Service) parReference(ctx context.Context, amc sante.NumeroAMC, l []lue) (map[string][]*FactureEmise, error) {
	var references []string
	for _, x := range l {
		if x.facture != nil {
			references = append(references, x.facture.Numero)
		}
	}
	par := make(map[string][]*FactureEmise, len(references))
	emises, err := s.Factures.ParReference(ctx, amc.String(), references)
	for _, f := range emises {
		r := f.Reference
		if r == "" {
			r = f.Numero
		}
		par[r] = append(par[r], f)
	}
	if err != nil {
		return nil, fmt.Errorf("etablissement: factures d'un fichier: %w", err)
	}
	return par, nil
}

// neutre makes a text of a file harmless to a spreadsheet, or to a terminal.
func neutre(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// connu tells whether a code of a rejection is one of the profile.
func connu(c string) bool {
	x := roc.Code(c)
	return x.Signification().Libelle != "" && !x.Accord() && x.Famille() != 'T' && x.Famille() != 'S'
}
