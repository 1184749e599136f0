package etablissement

import (
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Recu is what the patient is told: who pays what, line by line, why, and how
// sure it is. ref: ROC §1, §8
type Recu struct {
	Etablissement string
	Dossier       string
	Patient       string
	Edite         sante.Jour
	Indicatif     bool // an estimate: nobody is bound
	AMCs          []RecuAMC
	Lignes        []RecuLigne
	Totaux        RecuLigne
	Messages      []string // from the insurers
	Notes         []string // what the receipt does not say yet
	// SansGarantie tells, for each insurer whose share was computed here without its
	// guarantee, what that means for the patient. ref: DEC 28
	SansGarantie []string
	garantie     bool // an insurer is bound by what is shown
}

// RecuAMC is an insurer of a receipt.
type RecuAMC struct {
	Rang       int
	Nom        string
	Engagement roc.NumeroEngagement
	Fin        sante.Jour // last day to invoice, or of the estimate
	Statut     string
}

// RecuLigne is a line of a receipt, or its totals.
type RecuLigne struct {
	Libelle     string
	Depense     sante.Montant
	AMO         sante.Montant
	AutrePayeur sante.Montant
	AMC         []sante.Montant // by insurer of the receipt
	Patient     sante.Montant
	Regles      []string // by insurer: formula, then the sentence that can be read to the patient
}

// Recu writes the receipt of a visit, from what its insurers are bound to, else
// from their estimates.
func (s *Service) Recu(v *Venue) (*Recu, error) {
	var retenus []*Couverture
	var notes []string
	for _, cv := range v.Couvertures {
		switch {
		case estimation(cv) != nil:
			retenus = append(retenus, cv)
		case cv.Etat == DroitsRefuses || cv.Etat == CalculRefuse:
			notes = append(notes, fmt.Sprintf("La complémentaire %d ne prend rien en charge à ce jour : %s.", cv.Rang, strings.ToLower(cv.Code.Libelle())))
		default:
			notes = append(notes, fmt.Sprintf("La part de la complémentaire %d n'est pas encore connue : elle n'est pas déduite.", cv.Rang))
		}
	}
	if len(retenus) == 0 {
		return nil, refuser(ErrTransition, "", "Aucun calcul ni simulation : il n'y a pas encore de reçu.")
	}
	r := &Recu{Etablissement: s.Maison.Libelle, Dossier: v.Dossier.Numero, Edite: sante.JourA(s.maintenant(), v.fuseau()),
		Patient: v.Dossier.Patient.Prenom + " " + v.Dossier.Patient.NomNaissance, Notes: notes}
	r.poserLignes(estimation(retenus[0]).Demande.Lignes)
	for _, cv := range retenus {
		k := estimation(cv)
		if !memesLignes(k.Demande.Lignes, estimation(retenus[0]).Demande.Lignes) {
			// An older result, of other lines: not to be added up with these.
			r.Notes = append(r.Notes, fmt.Sprintf("La complémentaire %d s'est prononcée sur d'autres lignes : sa part n'est pas déduite.", cv.Rang))
			continue
		}
		r.ajouter(cv, k)
	}
	r.totaliser()
	return r, nil
}

func (r *Recu) poserLignes(lignes []roc.Ligne) {
	for i := range lignes {
		l := &lignes[i]
		libelle := l.Famille.Libelle()
		if libelle == "" {
			libelle = string(l.Famille)
		}
		libelle = strings.ToUpper(libelle[:1]) + libelle[1:] + " (" + l.CodePrestation + "), " + periode(l.DateDebut, l.DateFin)
		r.Lignes = append(r.Lignes, RecuLigne{Libelle: libelle, Depense: l.MontantDepense, AMO: l.MontantAMO,
			AutrePayeur: l.AutrePayeur, Patient: l.MontantDepense - l.MontantAMO - l.AutrePayeur})
	}
}

func periode(debut, fin sante.Jour) string {
	if debut == fin {
		return "le " + debut.Francais()
	}
	return "du " + debut.Francais() + " au " + fin.Francais()
}

// ajouter adds what an insurer pays: the lines are in the order of the question.
func (r *Recu) ajouter(cv *Couverture, k *Calcul) {
	a := RecuAMC{Rang: cv.Rang, Nom: cv.AMC.Libelle, Engagement: k.Reponse.NumeroEngagement, Fin: k.Reponse.EngagementFin}
	if a.Nom == "" {
		a.Nom = "AMC " + cv.Attestation.NumeroAMC.String()
	}
	switch {
	case cv.garantie() && k.Local:
		a.Statut = "Garantie de paiement, calcul fait par l'établissement sur les règles de l'AMC"
	case cv.garantie():
		a.Statut = "Garantie de paiement donnée par l'AMC"
	case cv.Convention != nil:
		a.Statut, r.Indicatif = "Part calculée par l'établissement, "+SansGarantie, true
		r.sansGarantie(&a, k, "par convention")
	case k.Local:
		a.Statut, r.Indicatif = "Estimation faite par l'établissement, sans garantie", true
		r.sansGarantie(&a, k, "sur les règles de son contrat")
	default:
		a.Statut, a.Fin, r.Indicatif = "Estimation donnée par l'AMC, sans garantie", k.Reponse.DateFinIndicative, true
	}
	r.garantie = r.garantie || cv.garantie()
	r.AMCs = append(r.AMCs, a)
	parts := map[int]*roc.LigneRepondue{}
	for i := range k.Reponse.Lignes {
		parts[k.Reponse.Lignes[i].Rang] = &k.Reponse.Lignes[i]
	}
	for i := range r.Lignes {
		l, p := &r.Lignes[i], parts[k.Demande.Lignes[i].Rang]
		if p == nil {
			p = &roc.LigneRepondue{}
		}
		l.AMC = append(l.AMC, p.MontantAMC)
		l.Patient -= p.MontantAMC
		l.Regles = append(l.Regles, regle(p))
	}
	if d := cv.Droits; d != nil && d.Reponse.MessagePatient != "" {
		r.Messages = append(r.Messages, d.Reponse.MessagePatient)
	}
}

// sansGarantie says plainly what a share that nobody guaranteed is worth.
func (r *Recu) sansGarantie(a *RecuAMC, k *Calcul, comment string) {
	part := sante.Montant(0)
	if k.Reponse.TotalAMC != nil {
		part = *k.Reponse.TotalAMC
	}
	r.SansGarantie = append(r.SansGarantie, fmt.Sprintf("SANS GARANTIE DE PAIEMENT : la part de %s, %s, a été calculée par l'établissement %s. "+
		"%s n'a rien garanti : ce qu'elle ne paierait pas de cette part vous serait demandé.", a.Nom, part.Euros(), comment, a.Nom))
}

func regle(p *roc.LigneRepondue) string {
	s := p.Regle
	if p.Motif != "" {
		s += " [" + string(p.Motif) + " " + p.Motif.Libelle() + "]"
	}
	if p.Explication != "" {
		s += " " + p.Explication
	}
	return strings.TrimSpace(s)
}

func (r *Recu) totaliser() {
	t := RecuLigne{Libelle: "Total", AMC: make([]sante.Montant, len(r.AMCs))}
	for i := range r.Lignes {
		l := &r.Lignes[i]
		t.Depense, t.AMO, t.AutrePayeur, t.Patient = t.Depense+l.Depense, t.AMO+l.AMO, t.AutrePayeur+l.AutrePayeur, t.Patient+l.Patient
		for j := range l.AMC {
			t.AMC[j] += l.AMC[j]
		}
	}
	r.Totaux = t
}

// Titre is what the receipt is.
func (r *Recu) Titre() string {
	if r.Indicatif {
		return "Estimation de votre reste à charge"
	}
	return "Reçu : qui paie quoi"
}

// Avertissement says how sure the receipt is.
func (r *Recu) Avertissement() string {
	if r.Indicatif && r.garantie {
		return "Ces montants sont indicatifs : seule la part de la complémentaire qui a donné sa garantie est sûre, les autres peuvent changer."
	}
	if r.Indicatif {
		return "Ces montants sont indicatifs : ils peuvent changer et n'engagent ni l'établissement ni votre complémentaire."
	}
	return "Votre complémentaire s'est engagée sur ces montants. Les participations et franchises retenues par votre caisse n'y figurent pas."
}

// Texte writes the receipt for a printer of plain text.
func (r *Recu) Texte() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\nDossier %s, édité le %s\nPatient : %s\n\n", r.Etablissement, r.Titre(), r.Dossier, r.Edite.Francais(), r.Patient)
	for _, a := range r.AMCs {
		fmt.Fprintf(&b, "Complémentaire %d : %s\n  %s\n", a.Rang, a.Nom, a.Statut)
		if !a.Engagement.IsZero() {
			fmt.Fprintf(&b, "  Engagement n° %s, à facturer au plus tard le %s\n", a.Engagement, a.Fin.Francais())
		} else if !a.Fin.IsZero() {
			fmt.Fprintf(&b, "  Valable jusqu'au %s\n", a.Fin.Francais())
		}
	}
	for _, s := range r.SansGarantie {
		fmt.Fprintf(&b, "\n%s\n", s)
	}
	for i := range r.Lignes {
		b.WriteString("\n")
		r.ecrireLigne(&b, &r.Lignes[i])
	}
	b.WriteString("\n")
	r.ecrireLigne(&b, &r.Totaux)
	for _, m := range r.Messages {
		fmt.Fprintf(&b, "\nMessage de votre complémentaire : %s\n", m)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	fmt.Fprintf(&b, "\n%s\n", r.Avertissement())
	return b.String()
}

func (r *Recu) ecrireLigne(b *strings.Builder, l *RecuLigne) {
	fmt.Fprintf(b, "%s\n", l.Libelle)
	ecrire := func(quoi string, m sante.Montant) { fmt.Fprintf(b, "  %-30s %16s\n", quoi, m.Euros()) }
	ecrire("Dépense", l.Depense)
	ecrire("Assurance maladie", l.AMO)
	if l.AutrePayeur != 0 {
		ecrire("Régime local ou État", l.AutrePayeur)
	}
	for i, m := range l.AMC {
		ecrire(fmt.Sprintf("Complémentaire %d", r.AMCs[i].Rang), m)
	}
	ecrire("Vous", l.Patient)
	for i, s := range l.Regles {
		if s != "" {
			fmt.Fprintf(b, "  Règle (complémentaire %d) : %s\n", r.AMCs[i].Rang, s)
		}
	}
}
