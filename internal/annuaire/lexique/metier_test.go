package lexique

import (
	"slices"
	"strings"
	"testing"
)

// The labels of professions and savoir-faire, as the nomenclatures write them.
var libelles = strings.Split(`Médecin / Médecine générale|Médecin / Anatomie et cytologie pathologiques|Médecin / Anesthésie-réanimation|Médecin / Biologie médicale|Médecin / Cardiologie et maladies vasculaires|Médecin / Chirurgie générale|Médecin / Chirurgie maxillo-faciale|Médecin / Chirurgie orthopédique et traumatologie|Médecin / Chirurgie plastique, reconstructrice et esthétique|Médecin / Chirurgie thoracique et cardio-vasculaire|Médecin / Chirurgie urologique|Médecin / Chirurgie vasculaire|Médecin / Chirurgie viscérale et digestive|Médecin / Dermatologie et vénéréologie|Médecin / Endocrinologie et métabolisme|Médecin / Génétique médicale|Médecin / Gériatrie|Médecin / Gynécologie médicale|Médecin / Gynécologie-obstétrique|Médecin / Hématologie|Médecin / Gastro-entérologie et hépatologie|Médecin / Médecine du travail|Médecin / Médecine interne|Médecin / Médecine nucléaire|Médecin / Médecine physique et de réadaptation|Médecin / Néphrologie|Médecin / Neurochirurgie|Médecin / Neurologie|Médecin / Oncologie option médicale|Médecin / Ophtalmologie|Médecin / Oto-rhino-laryngologie et chirurgie cervico-faciale|Médecin / Pédiatrie|Médecin / Pneumologie|Médecin / Psychiatrie|Médecin / Radiodiagnostic|Médecin / Radiothérapie|Médecin / Réanimation médicale|Médecin / Rhumatologie|Médecin / Santé publique et médecine sociale|Médecin / Stomatologie|Médecin / Médecine d'urgence|Médecin / Allergologie|Médecin / Médecine du sport|Médecin / Nutrition|Médecin / Angéiologie|Pharmacien|Audioprothésiste|Opticien-lunetier|Assistant dentaire|Préparateur en pharmacie|Chirurgien-dentiste|Chirurgien-dentiste / Orthopédie dento-faciale|Sage-femme|Infirmier|Infirmier / Infirmier anesthésiste|Infirmier / Infirmier de bloc opératoire|Infirmier / Puériculture|Infirmier / Infirmier en pratique avancée|Masseur-kinésithérapeute|Ostéopathe|Psychothérapeute|Chiropracteur|Pédicure-podologue|Orthoprothésiste|Technicien de laboratoire médical|Orthophoniste|Orthoptiste|Psychologue|Ergothérapeute|Diététicien|Psychomotricien|Manipulateur d'électroradiologie médicale`, "|")

// The words that people use for a profession lead to those who practise it, first.
func TestMetiers(t *testing.T) {
	var gens [][4]string
	for _, l := range libelles {
		gens = append(gens, [4]string{"Durand", "Camille", l, "Tours"})
	}
	m := hameau(gens...)
	rech := NouvelleRecherche(nil)
	for _, c := range [][2]string{
		{"généraliste", "Médecine générale"}, {"medecin generaliste", "Médecine générale"}, {"médecine générale", "Médecine générale"},
		{"cardiologue", "Cardiologie"}, {"cardio", "Cardiologie"}, {"dermato", "Dermatologie"}, {"dermatologue", "Dermatologie"},
		{"kiné", "Masseur-kinésithérapeute"}, {"kinésithérapeute", "Masseur-kinésithérapeute"}, {"kinesiterapeute", "Masseur-kinésithérapeute"},
		{"dentiste", "Chirurgien-dentiste"}, {"orthodontiste", "Orthopédie dento-faciale"}, {"sage femme", "Sage-femme"}, {"sagefemme", "Sage-femme"},
		{"ORL", "Oto-rhino"}, {"ophtalmo", "Ophtalmologie"}, {"ophtalmologiste", "Ophtalmologie"}, {"oftalmo", "Ophtalmologie"},
		{"pédiatre", "Pédiatrie"}, {"psychiatre", "Psychiatrie"}, {"psychologue", "Psychologue"}, {"gynécologue", "Gynécologie"}, {"gynéco", "Gynécologie"},
		{"infirmière", "Infirmier"}, {"ide", "Infirmier"}, {"ibode", "bloc opératoire"}, {"iade", "Infirmier anesthésiste"}, {"anesthésiste", "nesthési"},
		{"pharmacie", "Pharmaci"}, {"pharmacienne", "Pharmacien"}, {"radiologue", "Radiodiagnostic"}, {"cancérologue", "Oncologie"},
		{"urologue", "urologique"}, {"neurologue", "Neurologie"}, {"néphrologue", "Néphrologie"}, {"pneumologue", "Pneumologie"}, {"rhumatologue", "Rhumatologie"},
		{"rumatologue", "Rhumatologie"}, {"gastro", "Gastro"}, {"gastro entérologue", "Gastro"}, {"podologue", "podologue"}, {"ostéo", "Ostéopathe"},
		{"ostéopathe", "Ostéopathe"}, {"orthophoniste", "Orthophoniste"}, {"ortophoniste", "Orthophoniste"}, {"urgentiste", "urgence"}, {"gériatre", "Gériatrie"},
		{"allergologue", "Allergologie"}, {"endocrinologue", "Endocrinologie"}, {"diabétologue", "Endocrinologie"}, {"angiologue", "Angéiologie"},
		{"interniste", "interne"}, {"médecin du sport", "sport"}, {"médecine du travail", "travail"}, {"opticienne", "Opticien"}, {"psy", "Psych"},
		{"chirurgien viscéral", "viscérale"}, {"chirurgien orthopédiste", "orthopédique"}, {"diététicienne", "Diététicien"}, {"ergo", "Ergothérapeute"},
		{"stomato", "Stomatologie"}, {"nutritionniste", "Nutrition"}, {"puéricultrice", "Puériculture"}, {"biologiste", "Biologie"},
	} {
		for _, q := range []string{"durand " + c[0], c[0] + " tours", c[0]} {
			rep := rech.Chercher(Demande{Texte: q}, m)
			if len(rep.Trouves) == 0 || rep.Absents || !strings.Contains(m.texte(rep.Trouves[0].Ordinal, Metier), c[1]) {
				var l []string
				for _, x := range rep.Trouves[:min(3, len(rep.Trouves))] {
					l = append(l, m.texte(x.Ordinal, Metier))
				}
				t.Errorf("%q : %q, attendu %s", q, l, c[1])
			}
		}
	}
}

// Every synonym of the table is a word that some label bears, or nothing.
func TestSynonymesPortes(t *testing.T) {
	var mots Mots
	portes := map[string]bool{}
	for _, l := range libelles {
		mots.Lire(l)
		mots.Formes(func(f []byte) { portes[string(f)] = true })
	}
	for mot, autres := range ReglesDefaut().Synonymes {
		for _, a := range autres {
			if a != "GERONTOLOGIE" && !tous(strings.Fields(a), portes) { // that one is of a capacity
				t.Errorf("%s : aucun libellé ne porte %q", mot, a)
			}
		}
	}
}

func tous(l []string, portes map[string]bool) bool {
	return !slices.ContainsFunc(l, func(x string) bool { return !portes[x] })
}
