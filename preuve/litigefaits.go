package preuve

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// comparer lays the two books side by side.
func (c *Conclusion) comparer(e, d cote) {
	te, td := e.Constat.Trace, d.Constat.Trace
	if te.EmpreinteQuestion != td.EmpreinteQuestion {
		c.fait(EmpreinteQuestion, "", "La question inscrite par %s (%s) n'est pas celle inscrite par %s (%s).",
			e.Nom, court(te.EmpreinteQuestion), d.Nom, court(td.EmpreinteQuestion))
	}
	switch {
	case td.EmpreinteReponse == "" && te.EmpreinteReponse == "":
		c.remarque(ReponseAbsenteDuLivre, "", "Aucun des deux journaux n'inscrit de réponse.")
	case te.EmpreinteReponse == "":
		c.fait(ReponseNonRecue, e.Nom, "%s inscrit une réponse que %s n'a pas inscrite : rien n'établit qu'elle soit arrivée.", d.Nom, e.Nom)
	case te.EmpreinteReponse != td.EmpreinteReponse:
		// A replayed answer is sealed afresh: the octets differ, the content does not.
		c.fait(EmpreinteReponse, "", "La réponse inscrite par %s (%s) n'est pas celle inscrite par %s (%s).",
			e.Nom, court(te.EmpreinteReponse), d.Nom, court(td.EmpreinteReponse))
	}
	for _, x := range []struct{ nom, e, d string }{
		{"le service", te.Service, td.Service},
		{"l'échange", te.IDEchange, td.IDEchange},
		{"l'émetteur", te.Emetteur, td.Emetteur},
		{"le destinataire", te.Destinataire, td.Destinataire},
		{"le code de retour", te.CodeRetour, td.CodeRetour},
		{"le numéro d'engagement", te.Engagement, td.Engagement},
	} {
		if x.e != x.d && te.EmpreinteReponse != "" {
			c.fait(ContenuDifferent, "", "Les deux journaux diffèrent sur %s : %q pour %s, %q pour %s.", x.nom, x.e, e.Nom, x.d, d.Nom)
		}
	}
	c.ecart("l'envoi de la question", e.Nom, te.Emission, "sa réception", d.Nom, td.Reception)
	c.ecart("l'envoi de la réponse", d.Nom, td.Emission, "sa réception", e.Nom, te.Reception)
}

func (c *Conclusion) ecart(quoi, de string, parti int64, arrivee, chez string, recu int64) {
	if parti == 0 || recu == 0 {
		return
	}
	if ecart := time.Duration(recu-parti) * time.Millisecond; ecart.Abs() > ecartMax {
		c.fait(HeuresEloignees, "", "Entre %s selon %s et %s selon %s il y a %v : une des deux horloges était fausse, ou le message a attendu.",
			quoi, de, arrivee, chez, ecart.Round(time.Second))
	}
}

// sceaux says what the seals that a party brings are worth.
func (c *Conclusion) sceaux(p cote, e, d cote) {
	question, reponse := parties(e, d)
	for _, m := range []struct {
		nom, attendu, verdict string
		Message
	}{
		{"la question", question.structure, p.Constat.Trace.VerdictQuestion, p.Constat.Question},
		{"la réponse", reponse.structure, p.Constat.Trace.VerdictReponse, p.Constat.Reponse},
	} {
		switch {
		case m.Empreinte != "" && !m.Presente:
			c.remarque(ContenuAbsent, p.Nom, "%s ne joint pas %s : seule son empreinte parle.", p.Nom, m.nom)
		case m.Refus != nil:
			c.fait(SceauInvalide, p.Nom, "Le sceau de %s présentée par %s ne se vérifie pas (%v)%s.", m.nom, p.Nom, m.Refus, auJournal(m.verdict))
		case m.Verifie && m.attendu != "" && m.Sceau.Structure != m.attendu:
			c.fait(SceauEtranger, p.Nom, "Le sceau de %s présentée par %s est celui de %s, non de %s.", m.nom, p.Nom, m.Sceau.Structure, m.attendu)
		}
	}
	k := p.Constat
	if k.Reponse.Verifie && k.Reponse.Sceau.Question != "" && k.Reponse.Sceau.Question != k.Trace.EmpreinteQuestion {
		c.fait(ReponseAutreQuestion, p.Nom, "La réponse présentée par %s scelle l'empreinte d'une autre question (%s).", p.Nom, court(k.Reponse.Sceau.Question))
	}
}

func auJournal(verdict string) string {
	if verdict == VerdictValide {
		return " alors que son journal l'a inscrit comme valide"
	}
	if verdict != "" {
		return ", comme son journal l'a inscrit (" + verdict + ")"
	}
	return ""
}

// heures sets the chronology, and compares what a party says of time with the
// checkpoint, which it could not backdate without its whole log.
func (c *Conclusion) heures(p cote) {
	t, point := p.Constat.Trace, p.Constat.Point.Instant
	verbes := [2]string{"dit avoir envoyé la question", "dit avoir reçu la réponse"}
	instants := [2]int64{t.Emission, t.Reception}
	if t.Role == RoleDestinataire {
		verbes = [2]string{"dit avoir reçu la question", "dit avoir envoyé la réponse"}
		instants = [2]int64{t.Reception, t.Emission}
	}
	dernier := int64(0)
	for i, ms := range instants {
		if ms > 0 {
			c.Chronologie = append(c.Chronologie, Evenement{time.UnixMilli(ms).UTC(), p.Nom, p.Nom + " " + verbes[i]})
			dernier = max(dernier, ms)
		}
	}
	c.Chronologie = append(c.Chronologie, Evenement{point, p.Nom,
		fmt.Sprintf("%s signe le point de contrôle qui couvre sa feuille %d", p.Nom, p.Echange.Inclusion.Rang)})
	if dernier == 0 || point.IsZero() {
		return
	}
	switch ecart := point.Sub(time.UnixMilli(dernier)); {
	case ecart > retardMax:
		c.fait(InscriptionTardive, p.Nom, "Le point de contrôle de %s est signé %v après les heures qu'il inscrit : la feuille a pu être écrite après coup.",
			p.Nom, ecart.Round(time.Second))
	case ecart < -ecartMax:
		c.fait(InscriptionAnticipee, p.Nom, "%s inscrit des heures postérieures de %v au point de contrôle signé : son horloge n'est pas fiable.",
			p.Nom, (-ecart).Round(time.Second))
	}
}

func court(empreinte string) string {
	if len(empreinte) > 16 {
		return empreinte[:16] + "…"
	}
	return empreinte
}

// String is the report for a person, in French.
func (c Conclusion) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Échange %s, message %s, entre %s (demandeur) et %s (répondant).\n\n", c.Service, c.IDMessage, c.Emetteur, c.Destinataire)
	fmt.Fprintf(&b, "Ce que les preuves établissent\n")
	for _, e := range []struct {
		texte string
		d     Degre
	}{
		{c.Emetteur + " a envoyé la question", c.QuestionEnvoyee},
		{c.Destinataire + " a reçu la question", c.QuestionRecue},
		{c.Destinataire + " a envoyé la réponse", c.ReponseEnvoyee},
		{c.Emetteur + " a reçu la réponse", c.ReponseRecue},
	} {
		fmt.Fprintf(&b, "  %-11s %s\n", e.d, e.texte)
	}
	for _, l := range []struct {
		titre string
		faits []Fait
	}{{"Ce qui s'oppose", c.Faits}, {"À savoir", c.Remarques}} {
		if len(l.faits) > 0 {
			fmt.Fprintf(&b, "\n%s\n", l.titre)
		}
		for _, f := range l.faits {
			fmt.Fprintf(&b, "  - %s\n", f.Texte)
		}
	}
	fmt.Fprintf(&b, "\nChronologie\n")
	for _, e := range c.Chronologie {
		fmt.Fprintf(&b, "  %s  %s\n", date(e.Instant), e.Texte)
	}
	if c.Accord {
		b.WriteString("\nLes deux journaux sont intacts et disent la même chose.\n")
	} else {
		b.WriteString("\nLes preuves ne concordent pas, ou ne suffisent pas.\n")
	}
	return b.String()
}

// ChercherDossier reads one party's exported journal and makes its Dossier for a
// message: with the proof when the message is in it, and in any case with the
// whole journal's verification, which proves the absence of what is not there.
// When several leaves speak of the message (a question asked again), the last is
// taken.
func ChercherDossier(ctx context.Context, nom string, dir fs.FS, cle Cle, idMessage string) (Dossier, error) {
	d := Dossier{Nom: nom, Cle: cle}
	var trouvee *LigneExport
	bilan, err := VerifierRepertoire(dir, cle, func(l LigneExport) error {
		if err := ctx.Err(); err != nil || l.Efface {
			return err
		}
		if t, err := ParseTrace(l.Trace); err == nil && t.IDMessage == idMessage {
			trouvee = &l
		}
		return nil
	})
	if err != nil {
		return d, err
	}
	// Erased leaves are unreadable: absence is not proved any more.
	if bilan.Effacees == 0 {
		d.Complet = &bilan
	}
	if trouvee == nil {
		return d, nil
	}
	chemin, err := ProuverInclusion(bilan.Point.Taille, trouvee.Rang, lecteurRepertoire(dir, bilan.Point.Taille))
	if err != nil {
		return d, err
	}
	d.Echange = &Echange{Record: string(trouvee.Trace), Sel: trouvee.Sel,
		Inclusion: Inclusion{Point: string(bilan.Point.Brut), Rang: trouvee.Rang, Feuille: trouvee.Feuille, Chemin: chemin}}
	return d, nil
}

// ChercherDossiers is ChercherDossier over the logs that a party exports, oldest
// first: a restored database opens a new log, tied to the one before. Absence is
// proved only when none is missing: the first log follows no other, each of the
// others follows the whole of the one before it, and nothing was erased.
// ref: DEC 17
func ChercherDossiers(ctx context.Context, nom string, dirs []fs.FS, cle Cle, idMessage string) (Dossier, error) {
	d := Dossier{Nom: nom, Cle: cle}
	var total Bilan
	entier := len(dirs) > 0
	for i, dir := range dirs {
		x, err := ChercherDossier(ctx, nom, dir, cle, idMessage)
		if err != nil || x.Echange != nil {
			return x, err
		}
		if x.Complet == nil {
			entier = false
			continue
		}
		avant := x.Complet.Point.Precedent
		if i == 0 {
			entier = avant == nil
		} else {
			entier = entier && avant != nil && *avant == Precedent{total.Point.Origine, total.Point.Taille, total.Point.Racine}
		}
		total.Feuilles, total.Point = total.Feuilles+x.Complet.Feuilles, x.Complet.Point
	}
	if entier {
		d.Complet = &total
	}
	return d, nil
}

// lecteurRepertoire reads the tiles of a directory: at the right edge, the one
// of the tree's size, which is the only one there.
func lecteurRepertoire(dir fs.FS, taille int64) LecteurTuile {
	return func(niveau int, indice int64, _ int) ([]byte, error) {
		n := taille >> (HauteurTuile * niveau)
		return lireBorne(dir, CheminTuile(fmt.Sprint(niveau), indice, int(min(LargeurTuile, n-indice*LargeurTuile))), LargeurTuile*len(Hash{}))
	}
}
