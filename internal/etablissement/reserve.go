package etablissement

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Reserve is what a return of an insurer says of an invoice and that had no effect
// here: a person must see it, and says how it ended. // hyp: RESERVE-RETOUR
type Reserve struct {
	IDMessage roc.UUID // of the return
	Rang      int      // of the invoice in the return, from one on
	Instant   time.Time
	Retour    string // number that the insurer gave it
	AMC       string // who sealed it
	Nature    roc.NatureRetour
	Facture   string
	Lot       string
	Etat      roc.EtatFacture // announced
	Code      roc.Code        // of the insurer
	Montant   sante.Montant   // paid by this return
	DejaPaye  sante.Montant   // paid before, as the insurer says
	Virement  string
	Cause     CauseReserve
	Detail    string // what the rule said, when the whole return was refused
	Levee     *Levee // nil as long as it waits
}

// Levee is how a person ended a reserve.
type Levee struct {
	Instant time.Time
	Par     string // pseudonym
	Motif   string
}

// CauseReserve is why a return had no effect.
type CauseReserve string

// The causes.
const (
	FactureInconnueIci CauseReserve = "INCONNUE"
	FactureRemplacee   CauseReserve = "REMPLACEE"
	PaiementDeja       CauseReserve = "DEJA_COMPTE"
	PaiementManquant   CauseReserve = "PAIEMENT_MANQUANT"
	PaiementEnTrop     CauseReserve = "TROP_PAYE"
	PaiementInattendu  CauseReserve = "ETAT"
	RejetTardif        CauseReserve = "REJET_APRES_PAIEMENT"
	RetourContredit    CauseReserve = "RETOUR_FAUX"
	PayeurRefuse       CauseReserve = "PAYEUR"
	LivreRefuse        CauseReserve = "LIVRE"
)

// facturation is who settles a reserve, in a hospital.
const facturation = "le service de facturation"

var causesReserve = []struct {
	cause   CauseReserve
	libelle string // in a word or two
	constat string
	quiAgit string
	aFaire  string
}{
	{FactureInconnueIci, "inconnue", "Aucune facture de ce numéro n'est partie dans ce lot à cette AMC", facturation,
		"Chercher la facture sous un autre numéro ; si elle n'est pas de l'établissement, demander à l'AMC de rectifier son retour, et de reprendre le virement s'il y en a un."},
	{FactureRemplacee, "remplacée", "La facture a été remplacée ici par une autre", facturation,
		"Demander à l'AMC ce qu'elle a reçu : la facture d'origine, celle qui la corrige, ou les deux. Si elle a payé deux fois, lui rendre le virement."},
	{PaiementDeja, "déjà comptée", "Ce paiement est déjà compté ici, par un autre retour ou par un fichier", facturation,
		"Vérifier à la banque qu'un seul virement est arrivé. S'il y en a un : rien à faire, lever la réserve. S'il y en a deux : rendre le second à l'AMC."},
	{PaiementManquant, "un paiement antérieur manque", "L'AMC dit avoir déjà payé une part dont aucun retour n'est arrivé", facturation,
		"Demander à l'AMC le retour qui manque, avec sa référence de virement ; une fois arrivé, lui demander de renvoyer celui-ci sous un nouveau numéro."},
	{PaiementEnTrop, "payée au-delà du dû", "Le paiement dépasse ce qui reste dû", facturation,
		"Demander à l'AMC un retour au montant dû, et lui rendre ce qu'elle a viré en trop."},
	{PaiementInattendu, "n'attend pas de paiement", "La facture n'attend pas de paiement dans son état", facturation,
		"Lire l'histoire de la facture (rejetée, annulée ou close ici ?), puis s'accorder avec l'AMC : un nouveau retour, ou le virement rendu."},
	{RejetTardif, "rejetée après paiement", "L'AMC rejette une facture dont elle a déjà payé une part", facturation,
		"Demander à l'AMC si elle reprend son virement. Le paiement reste compté ici tant que rien n'est rendu."},
	{RetourContredit, "retour contradictoire", "Le retour se contredit : rien de ce qu'il dit n'a été retenu", "l'AMC",
		"Lui demander un retour juste, sous un nouveau numéro ; lever la réserve quand il est arrivé."},
	{PayeurRefuse, "payeur refusé", "Le payeur annoncé n'est ni l'AMC ni son opérateur connu de l'Annuaire : le retour est refusé", "l'AMC",
		"Lui demander qui paie. Si son opérateur a changé, elle le fait inscrire à l'Annuaire, puis renvoie le même retour, qui lèvera la réserve."},
	{LivreRefuse, "refusée par le livre du comptable", "Le livre du comptable ne peut pas tenir ce paiement : rien de ce que dit le retour n'a été retenu", facturation,
		"Comparer avec l'annonce déjà tenue sous ce numéro (« ecluse comptable »), puis demander à l'AMC un retour sous un nouveau numéro."},
}

// Codes is the closed list of causes.
func (CauseReserve) Codes() []string {
	l := make([]string, len(causesReserve))
	for i := range causesReserve {
		l[i] = string(causesReserve[i].cause)
	}
	return l
}

// Libelle is the cause in a word or two of French.
func (c CauseReserve) Libelle() string {
	for i := range causesReserve {
		if causesReserve[i].cause == c {
			return causesReserve[i].libelle
		}
	}
	return string(c)
}

// Consigne tells what happened to the invoice, who must act and what to do.
func (r *Reserve) Consigne() Consigne {
	for _, c := range causesReserve {
		if c.cause != r.Cause {
			continue
		}
		k := Consigne{Code: r.Code, Constat: c.constat, QuiAgit: c.quiAgit, AFaire: c.aFaire}
		if r.Detail != "" {
			k.Constat += " (" + r.Detail + ")"
		}
		return k
	}
	return Consigne{Code: r.Code, Constat: string(r.Cause), QuiAgit: facturation, AFaire: "Lire le retour dans le journal."}
}

// Cle names a reserve for a person: its message and its rank.
func (r *Reserve) Cle() string { return r.IDMessage.String() + "." + strconv.Itoa(r.Rang) }

// lireCle reads what Cle wrote; rank 0 means the whole return.
func lireCle(s string) (id roc.UUID, rang int, err error) {
	message, n, precise := strings.Cut(s, ".")
	if precise {
		if rang, err = strconv.Atoi(n); err != nil || rang < 1 || rang > 1000 {
			return id, 0, errCleReserve
		}
	}
	if id, err = roc.ParseUUID(message); err != nil {
		return id, 0, errCleReserve
	}
	return id, rang, nil
}

var errCleReserve = refuser(ErrDonnees, "", "La clé d'une réserve est attendue, comme la liste la montre ; sans son rang, elle vaut pour tout le retour.")

// FiltreReserves chooses reserves; its zero value chooses those that wait.
type FiltreReserves struct {
	Levees  bool   // those that were settled too
	Facture string // of one invoice
	Apres   string // key of the last one of the page before
	Max     int

	// What the service adds for the store.
	De CleReserve
}

// CleReserve is the key of a reserve.
type CleReserve struct {
	IDMessage roc.UUID
	Rang      int
}

// Reserves keeps what returns said without effect. Everything is written in the
// transaction of ctx.
type Reserves interface {
	// PoserReserves writes reserves; one already written is left as it was, but that of
	// a refused payer, which waits again when the same return is heard at last.
	PoserReserves(ctx context.Context, l []Reserve) error
	// ListerReserves gives a page, the oldest first.
	ListerReserves(ctx context.Context, f *FiltreReserves) ([]Reserve, error)
	// CompterReserves tells how many wait.
	CompterReserves(ctx context.Context) (int64, error)
	// LeverReserves ends the reserve of a rank of a message, or with rank 0 all those of
	// the message, and gives those that it ended: none when none waits.
	LeverReserves(ctx context.Context, k CleReserve, l Levee) ([]Reserve, error)
}

// reservesMax bounds a page.
const reservesMax = 500

// ListerReserves gives a page of what returns said without effect.
func (s *Service) ListerReserves(ctx context.Context, f FiltreReserves) (l []Reserve, err error) {
	if s.Reserves == nil {
		return nil, errSansFacturation
	}
	if f.Apres != "" {
		if f.De.IDMessage, f.De.Rang, err = lireCle(f.Apres); err != nil {
			return nil, err
		}
	}
	if f.Max <= 0 || f.Max > reservesMax {
		f.Max = reservesMax
	}
	return s.Reserves.ListerReserves(ctx, &f)
}

var errSansFacturation = refuser(ErrDonnees, "", "Cet établissement ne facture pas par ce serveur.")

// LeverReserves ends one reserve, or all those of a return: who, when and why are
// kept with it, and in the journal.
func (s *Service) LeverReserves(ctx context.Context, o Ordre, cle, motif string) (l []Reserve, err error) {
	if s.Reserves == nil {
		return nil, errSansFacturation
	}
	var k CleReserve
	if k.IDMessage, k.Rang, err = lireCle(cle); err != nil {
		return nil, err
	}
	v := Levee{Instant: s.maintenant(), Par: strings.TrimSpace(o.Agent), Motif: strings.TrimSpace(motif)}
	if err := v.verifier(); err != nil {
		return nil, err
	}
	err = s.Factures.Ensemble(ctx, func(ctx context.Context) (err error) {
		if l, err = s.Reserves.LeverReserves(ctx, k, v); err != nil {
			return fmt.Errorf("etablissement: lever une réserve: %w", err)
		}
		if len(l) == 0 {
			return &Erreur{Sorte: ErrInconnue, Detail: "Aucune réserve n'attend sous cette clé : elle n'existe pas, ou elle est levée.", QuiAgit: agent,
				AFaire: "Relire la liste des réserves, avec celles qui sont levées."}
		}
		if s.TracerLevee == nil {
			return nil
		}
		if err := s.TracerLevee(ctx, l); err != nil {
			return fmt.Errorf("etablissement: tracer la levée d'une réserve: %w", err)
		}
		return nil
	})
	return l, err
}

// parMax bounds the pseudonym of who settles.
const parMax = 40

func (v *Levee) verifier() error {
	switch {
	case v.Motif == "":
		return refuser(ErrDonnees, "", "Lever une réserve demande un motif : ce qui a été fait ou convenu.")
	case v.Par == "" || utf8.RuneCountInString(v.Par) > parMax || !utf8.ValidString(v.Par) || strings.ContainsFunc(v.Par, unicode.IsControl):
		return refuser(ErrDonnees, "", "Dire qui lève la réserve : un pseudonyme de 40 caractères au plus.")
	case utf8.RuneCountInString(v.Motif) > motifClotureMax || !utf8.ValidString(v.Motif) || strings.ContainsFunc(v.Motif, unicode.IsControl):
		return refuser(ErrDonnees, "", "Le motif tient sur une ligne de 200 caractères au plus.")
	case sante.ContientNIR(v.Motif) || sante.ContientNIR(v.Par):
		return refuser(ErrDonnees, "", "Le motif : "+sante.ErrTexteNIR.Error()+".")
	}
	return nil
}

// reserves gathers what a return said without effect.
type reserves struct {
	s     *Service
	env   *roc.Enveloppe
	corps *roc.DemandeRET
	l     []Reserve
}

func (s *Service) reserver(env *roc.Enveloppe, corps *roc.DemandeRET) *reserves {
	return &reserves{s: s, env: env, corps: corps}
}

// noter notes the invoice of a rank of the return, from zero on.
func (r *reserves) noter(i int, cause CauseReserve, detail string) {
	x := &r.corps.Factures[i]
	v := Reserve{IDMessage: r.env.IDMessage, Rang: i + 1, Instant: r.s.maintenant(), Retour: r.corps.Numero, AMC: r.env.Emetteur.ID, Nature: r.corps.Nature,
		Facture: x.Numero, Lot: x.Lot, Etat: x.Etat, Code: x.Code, Montant: x.MontantPaye, DejaPaye: x.DejaPaye, Cause: cause, Detail: detail}
	if p := r.corps.Paiement; p != nil {
		v.Virement = p.ReferenceVirement
	}
	r.l = append(r.l, v)
}

// revenir ends the reserves of a return that was refused for its payer, and came back
// the same: what it says now counts.
func (r *reserves) revenir(ctx context.Context) error {
	if r.s.Reserves == nil {
		return nil
	}
	_, err := r.s.Reserves.LeverReserves(ctx, CleReserve{IDMessage: r.env.IDMessage},
		Levee{Instant: r.s.maintenant(), Par: "Écluse", Motif: "Le même retour est revenu, et il est classé."})
	if err != nil {
		return fmt.Errorf("etablissement: lever les réserves d'un retour revenu: %w", err)
	}
	return nil
}

// tout notes every invoice of the return.
func (r *reserves) tout(cause CauseReserve, detail string) {
	r.l = nil
	for i := range r.corps.Factures {
		r.noter(i, cause, detail)
	}
}

// poser writes them.
func (r *reserves) poser(ctx context.Context) error {
	if len(r.l) == 0 || r.s.Reserves == nil {
		return nil
	}
	if err := r.s.Reserves.PoserReserves(ctx, r.l); err != nil {
		return fmt.Errorf("etablissement: écrire les réserves d'un retour: %w", err)
	}
	return nil
}

// precisionMax leaves room for « et n autres » in the sentence of an answer.
const precisionMax = 420

// phrase tells the insurer which of its invoices are meant, and why.
func (r *reserves) phrase() string {
	var b strings.Builder
	b.WriteString("sans effet ici : ")
	for i := range r.l {
		x := &r.l[i]
		un := x.Facture + " (" + x.Cause.Libelle() + ")"
		if b.Len()+len(un) > precisionMax {
			fmt.Fprintf(&b, "et %d autres", len(r.l)-i)
			return b.String()
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(un)
	}
	return b.String()
}

// pourquoi is why what a return says of an invoice changes nothing; "" when nobody
// needs to know.
func (c *Couverture) pourquoi(d *roc.DemandeRET, x *roc.RetourFacture, parFichier bool) CauseReserve {
	f := c.nommee(x.Numero)
	switch {
	case d.Nature == roc.RetourRejet && f != nil && f.Paye > 0:
		return RejetTardif
	case d.Nature != roc.RetourPaiement:
		return ""
	case parFichier:
		return PaiementDeja
	case f == nil || f.Nature == roc.Annulative:
		return FactureRemplacee
	case x.DejaPaye < f.Paye:
		return PaiementDeja
	case x.DejaPaye > f.Paye:
		return PaiementManquant
	case x.MontantPaye > f.reste():
		return PaiementEnTrop
	}
	return PaiementInattendu
}
