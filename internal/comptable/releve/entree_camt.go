package releve

import (
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// releveCamt is the statement under way.
type releveCamt struct {
	compte         string
	annonce        string // number of entries that it announces
	entrees        int
	total          sante.Montant // credits less debits, booked
	solde          soldeCamt
	ouverture, fin sante.Montant
	ouvert, clos   bool
	sommesRefusees bool // an entry has no readable amount: totals say nothing
}

// soldeCamt is the balance under way.
type soldeCamt struct {
	code, montant, sens string
}

func (r *releveCamt) valeur(chemin, s string) {
	switch chemin {
	case "Acct/Id/IBAN":
		if c, ok := compte(s); ok && c[0] > '9' {
			r.compte = c
		}
	case "Acct/Id/Othr/Id":
		if c, ok := compte(s); ok {
			r.compte = c
		}
	case "TxsSummry/TtlNtries/NbOfNtries":
		r.annonce = s
	case "Bal/Tp/CdOrPrtry/Cd":
		r.solde.code = s
	case "Bal/Amt":
		r.solde.montant = s
	case "Bal/CdtDbtInd":
		r.solde.sens = s
	case "Bal":
		r.retenir()
	}
}

// retenir keeps the opening and the closing balance.
func (r *releveCamt) retenir() {
	m, ok := somme(r.solde.montant)
	if r.solde.sens == "DBIT" {
		m = -m
	}
	switch code := r.solde.code; {
	case ok && (code == "OPBD" || code == "PRCD" && !r.ouvert):
		r.ouverture, r.ouvert = m, true
	case ok && code == "CLBD":
		r.fin, r.clos = m, true
	}
	r.solde = soldeCamt{}
}

// verifier checks a statement against what it says of itself.
func (r *releveCamt) verifier(rang int) error {
	if n, err := strconv.Atoi(r.annonce); r.annonce != "" && (err != nil || n != r.entrees) {
		return &comptable.Refus{Code: comptable.NombreFaux, Ligne: rang, Champ: "NbOfNtries", Detail: "Le relevé n'a pas le nombre d'écritures qu'il annonce."}
	}
	if r.ouvert && r.clos && !r.sommesRefusees && r.fin-r.ouverture != r.total {
		return &comptable.Refus{Code: comptable.SoldeFaux, Ligne: rang, Champ: "Bal", Detail: "Les écritures ne mènent pas du solde d'ouverture au solde de clôture."}
	}
	return nil
}

// entreeCamt is the entry under way.
type entreeCamt struct {
	reference, montant, devise, sens, extourne, etat string
	jour, valeurJour, libelle, autreReference        string
	details                                          []detailCamt
}

func (e *entreeCamt) valeur(chemin, s, devise string) {
	switch chemin {
	case "AcctSvcrRef":
		e.reference = s
	case "NtryRef":
		e.autreReference = s
	case "Amt":
		e.montant, e.devise = s, devise
	case "CdtDbtInd":
		e.sens = s
	case "RvslInd":
		e.extourne = s
	case "Sts", "Sts/Cd":
		if s != "" {
			e.etat = s
		}
	case "BookgDt/Dt", "BookgDt/DtTm":
		e.jour = s
	case "ValDt/Dt", "ValDt/DtTm":
		e.valeurJour = s
	case "AddtlNtryInf":
		e.libelle = s
	case "NtryDtls/Btch/MsgId", "NtryDtls/Btch/PmtInfId":
		e.libelle = strings.TrimSpace(s + " " + e.libelle)
	}
}

// detailCamt is a transaction of an entry.
type detailCamt struct {
	reference, boutEnBout, montant, devise, sens, payeur, complement string
	remises, libelles                                                []string
}

// remisesMax bounds the remittance information kept of a transaction.
const remisesMax = 20

func (d *detailCamt) valeur(chemin, s, devise string) {
	if s == "" {
		return
	}
	switch chemin {
	case "Refs/AcctSvcrRef":
		d.reference = s
	case "Refs/EndToEndId":
		d.boutEnBout = s
	case "Amt":
		d.montant, d.devise = s, devise
	case "AmtDtls/TxAmt/Amt":
		// What was ordered, perhaps in another currency; version 001.02 has no other.
		if d.montant == "" {
			d.montant, d.devise = s, devise
		}
	case "CdtDbtInd":
		d.sens = s
	case "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Agt/FinInstnId/Nm":
		d.payeur = s
	case "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb", "Refs/PmtInfId", "Refs/InstrId":
		if len(d.remises) < remisesMax && len(s) <= referenceMax {
			d.remises = append(d.remises, s)
		}
	case "RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf":
		if len(d.libelles) < remisesMax {
			d.libelles = append(d.libelles, s)
		}
	case "AddtlTxInf":
		d.complement = s
	}
}

// rendre gives the lines of an entry that just ended.
func (e *entreeCamt) rendre(l *lecteurCamt) error {
	l.releve.entrees++
	x, m, refus := e.commun(&l.releve)
	if refus != nil {
		l.releve.sommesRefusees = l.releve.sommesRefusees || refus.Compte()
		refus.Ligne = l.rang
		return l.refus(refus)
	}
	if e.sens == "DBIT" {
		l.releve.total -= m
	} else {
		l.releve.total += m
	}
	lignes, refus := e.lignes(x, m)
	if refus != nil {
		refus.Ligne = l.rang
		return l.refus(refus)
	}
	for _, y := range lignes {
		y.Place = l.rang
		if err := l.ligne(y); err != nil {
			return err
		}
	}
	return nil
}

// commun reads what the lines of an entry share.
func (e *entreeCamt) commun(r *releveCamt) (*comptable.LigneReleve, sante.Montant, *comptable.Refus) {
	m, ok := somme(e.montant)
	if e.etat != "BOOK" {
		return nil, 0, refuser(comptable.NonComptabilisee, "Sts", "La banque n'a pas encore comptabilisé cette écriture : elle reviendra.")
	}
	x := &comptable.LigneReleve{Compte: r.compte, Sens: comptable.Credit, Extourne: e.extourne == "true" || e.extourne == "1",
		Reference: e.reference, Libelle: couper(e.libelle)}
	if x.Reference == "" {
		x.Reference = e.autreReference
	}
	if e.sens == "DBIT" {
		x.Sens = comptable.Debit
	}
	var jourLu, valeurLue bool
	x.Jour, jourLu = jour(avant(e.jour, "T"))
	x.Valeur, valeurLue = jour(avant(e.valeurJour, "T"))
	if e.jour == "" {
		x.Jour, jourLu, x.JourDeduit = x.Valeur, valeurLue, true
	}
	switch {
	case r.compte == "":
		return nil, 0, refuser(comptable.CompteRefuse, "Acct", "Le compte du relevé manque ou n'est pas lisible : demander un autre relevé à la banque.")
	case !ok || m == 0:
		return nil, 0, refuser(comptable.MontantRefuse, "Amt", "Le montant n'est pas lisible, ou est nul.")
	case e.devise != "EUR":
		return nil, 0, refuser(comptable.DeviseRefusee, "Amt", "Seul l'euro est admis.")
	case e.sens != "CRDT" && e.sens != "DBIT":
		return nil, 0, refuser(comptable.SensRefuse, "CdtDbtInd", "Sens attendu : CRDT ou DBIT.")
	case !jourLu || e.valeurJour != "" && !valeurLue:
		return nil, 0, refuser(comptable.DateRefusee, "BookgDt", "La date n'est pas lisible.")
	case len(x.Reference) > referenceMax:
		return nil, 0, refuser(comptable.TexteTropLong, "AcctSvcrRef", "La référence est trop longue.")
	}
	x.Montant = m
	return x, m, nil
}

func avant(s, marque string) string {
	s, _, _ = strings.Cut(s, marque)
	return s
}

// lignes cuts an entry in its transactions, when their amounts add up to it.
func (e *entreeCamt) lignes(x *comptable.LigneReleve, m sante.Montant) ([]*comptable.LigneReleve, *comptable.Refus) {
	if len(e.details) == 0 {
		return []*comptable.LigneReleve{x}, nil
	}
	montants, total, complets := make([]sante.Montant, len(e.details)), sante.Montant(0), true
	for i := range e.details {
		d := &e.details[i]
		if len(d.boutEnBout) > referenceMax || len(d.reference) > referenceMax {
			return nil, refuser(comptable.TexteTropLong, "Refs", "La référence est trop longue.")
		}
		var ok bool
		montants[i], ok = somme(d.montant)
		complets = complets && ok && montants[i] > 0 && d.devise == "EUR" && (d.sens == "" || d.sens == e.sens)
		total += montants[i]
	}
	switch {
	case len(e.details) == 1:
		e.details[0].remplir(x)
		return []*comptable.LigneReleve{x}, nil
	case complets && total != m:
		return nil, refuser(comptable.DetailsIncoherents, "TxDtls", "Les détails de l'écriture ne font pas son montant.")
	case !complets:
		for i := range e.details {
			e.details[i].remplir(x)
		}
		return []*comptable.LigneReleve{x}, nil
	}
	l := make([]*comptable.LigneReleve, len(e.details))
	for i := range e.details {
		y := *x
		y.Montant = montants[i]
		if e.details[i].remplir(&y); e.details[i].reference != "" {
			y.Reference = e.details[i].reference
		} else if y.Reference != "" {
			y.Reference += "/" + strconv.Itoa(i+1)
		}
		l[i] = &y
	}
	return l, nil
}

// remplir adds what a transaction says to a line.
func (d *detailCamt) remplir(x *comptable.LigneReleve) {
	if x.BoutEnBout == "" {
		x.BoutEnBout = d.boutEnBout
	} else if d.boutEnBout != "" {
		x.Remises = append(x.Remises, d.boutEnBout)
	}
	x.Remises = append(x.Remises, d.remises...)
	x.Remises = x.Remises[:min(len(x.Remises), 5*remisesMax)]
	x.Libelle = couper(strings.Join(append(nonVides(x.Libelle), nonVides(append(d.libelles, d.complement)...)...), " "))
	if x.Contrepartie == "" {
		x.Contrepartie = couper(d.payeur)
	}
	if x.Reference == "" {
		x.Reference = d.reference
	}
}

func nonVides(l ...string) (r []string) {
	for _, s := range l {
		if s != "" {
			r = append(r, s)
		}
	}
	return r
}
