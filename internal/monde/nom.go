package monde

import "math"

// nomsCourants are frequent French surnames, the most frequent first.
// hyp: NOMS-FREQUENCE (order from memory; the law is what matters here)
var nomsCourants = []string{
	"MARTIN", "BERNARD", "THOMAS", "PETIT", "ROBERT", "RICHARD", "DURAND", "DUBOIS", "MOREAU", "LAURENT", "SIMON", "MICHEL",
	"LEFEBVRE", "LEROY", "ROUX", "DAVID", "BERTRAND", "MOREL", "FOURNIER", "GIRARD", "BONNET", "DUPONT", "LAMBERT", "FONTAINE",
	"ROUSSEAU", "VINCENT", "MULLER", "LEFÈVRE", "FAURE", "ANDRÉ", "MERCIER", "BLANC", "GUÉRIN", "BOYER", "GARNIER", "CHEVALIER",
	"FRANÇOIS", "LEGRAND", "GAUTHIER", "GARCIA", "PERRIN", "ROBIN", "CLÉMENT", "MORIN", "NICOLAS", "HENRY", "ROUSSEL", "MATHIEU",
	"GAUTIER", "MASSON", "MARCHAND", "DUVAL", "DENIS", "DUMONT", "MARIE", "LEMAIRE", "NOËL", "MEYER", "DUFOUR", "MEUNIER",
	"BRUN", "BLANCHARD", "GIRAUD", "JOLY", "RIVIÈRE", "LUCAS", "BRUNET", "GAILLARD", "BARBIER", "ARNAUD", "MARTINEZ", "GÉRARD",
	"ROCHE", "RENARD", "SCHMITT", "ROY", "LEROUX", "COLIN", "VIDAL", "CARON", "PICARD", "ROGER", "FABRE", "AUBERT",
	"LEMOINE", "RENAUD", "DUMAS", "LACROIX", "OLIVIER", "PHILIPPE", "BOURGEOIS", "PIERRE", "BENOÎT", "REY", "LECLERC", "PAYET",
	"ROLLAND", "LECLERCQ", "GUILLAUME", "LECOMTE", "LOPEZ", "JEAN", "DUPUY", "GUILLOT", "HUBERT", "BERGER", "CARPENTIER", "SÁNCHEZ",
}

// Syllables of the rare surnames. Their written forms cut in one way only.
var (
	debuts  = []string{"AR", "BEL", "BOU", "CAR", "CHA", "COR", "DAL", "DES", "ÉT", "FAU", "FOR", "GAL", "GOU", "HAR", "JOU", "LAN", "LES", "MAL", "MAR", "MON", "NOI", "OR", "PEL", "POU", "QUÉ", "RA", "ROU", "SAU", "TAR", "VAL", "VER", "VIL"}
	milieux = []string{"BA", "BI", "CHE", "DE", "DI", "FA", "GI", "GUE", "LA", "LE", "LO", "MA", "ME", "MI", "NA", "NE", "PI", "RA", "RE", "RI", "SE", "SI", "TA", "TE", "TI", "VA", "VE", "VI", "ZE", "ZO"}
	fins    = []string{"BAUD", "CHET", "COURT", "DEAU", "DIER", "DON", "FORT", "GNAC", "GNON", "LARD", "LET", "LIN", "LON", "MAIN", "MONT", "NARD", "NEAU", "NEL", "NIER", "PIN", "QUET", "RAND", "REL", "RIC", "ROND", "SAC", "SEL", "SON", "TEAU", "TON", "VAN", "VEL"}
)

// nomsRares is how many surnames the syllables make, with one or two in the middle.
var nomsRares = len(debuts) * len(fins) * len(milieux) * (1 + len(milieux))

// nomDeRang is the surname of a rank, from the most frequent.
func nomDeRang(r int) string {
	if r < len(nomsCourants) {
		return nomsCourants[r]
	}
	r = (r - len(nomsCourants)) * 7919 % nomsRares // neighbours in rank do not look alike
	debut, r := debuts[r%len(debuts)], r/len(debuts)
	fin, r := fins[r%len(fins)], r/len(fins)
	milieu, r := milieux[r%len(milieux)], r/len(milieux)
	if r > 0 {
		milieu += milieux[r-1]
	}
	return debut + milieu + fin
}

// The law of surnames: the chance of rank r is in 1/(r+nomDecalage) up to
// nomRangs, which gives the first 0.36 % of the people, as in France.
// hyp: NOMS-FREQUENCE
const (
	nomRangs    = 400_000
	nomDecalage = 29.0
)

// nomAuSort draws a surname with a number between 0 and 1.
func nomAuSort(u float64) string {
	r := nomDecalage * (math.Pow((nomRangs+nomDecalage)/nomDecalage, u) - 1)
	return nomDeRang(min(int(r), nomRangs-1))
}

// epoque holds first names in fashion, the most given first.
type epoque struct {
	jusqua  int // last year of birth
	femmes  []string
	hommes  []string
	poids   int // of the births among the living, in thousandths
	premier int // first year of birth
}

// epoques are the times of birth of the living. hyp: NOMS-FREQUENCE
var epoques = []epoque{
	{premier: 1925, jusqua: 1945, poids: 90, femmes: []string{"Marie", "Jeanne", "Monique", "Jacqueline", "Denise", "Simone", "Yvonne", "Paulette", "Ginette", "Odette", "Huguette", "Thérèse"},
		hommes: []string{"Jean", "André", "Pierre", "Michel", "Roger", "René", "Robert", "Marcel", "Claude", "Henri", "Lucien", "Georges"}},
	{premier: 1946, jusqua: 1965, poids: 260, femmes: []string{"Françoise", "Martine", "Catherine", "Sylvie", "Brigitte", "Christine", "Nicole", "Chantal", "Annie", "Dominique", "Évelyne", "Marie-Claude"},
		hommes: []string{"Jean", "Michel", "Philippe", "Alain", "Patrick", "Bernard", "Daniel", "Christian", "Gérard", "Jean-Pierre", "Didier", "Serge"}},
	{premier: 1966, jusqua: 1985, poids: 260, femmes: []string{"Nathalie", "Isabelle", "Sandrine", "Stéphanie", "Céline", "Valérie", "Virginie", "Sophie", "Karine", "Aurélie", "Laëtitia", "Fatima"},
		hommes: []string{"Christophe", "Stéphane", "Laurent", "David", "Nicolas", "Sébastien", "Frédéric", "Olivier", "Julien", "Jérôme", "Cédric", "Mohamed"}},
	{premier: 1986, jusqua: 2005, poids: 240, femmes: []string{"Léa", "Camille", "Manon", "Marine", "Laura", "Pauline", "Sarah", "Julie", "Chloé", "Mathilde", "Anaïs", "Inès"},
		hommes: []string{"Thomas", "Alexandre", "Maxime", "Kévin", "Antoine", "Quentin", "Hugo", "Lucas", "Théo", "Clément", "Yanis", "Mehdi"}},
	{premier: 2006, jusqua: 2100, poids: 150, femmes: []string{"Emma", "Jade", "Louise", "Alice", "Chloé", "Lina", "Rose", "Mila", "Léna", "Anna", "Romane", "Nour"},
		hommes: []string{"Gabriel", "Léo", "Raphaël", "Louis", "Jules", "Adam", "Arthur", "Maël", "Noé", "Liam", "Sacha", "Eden"}},
}

// prenomDe draws a first name of a time, the first ones more often. Times that
// follow each other share theirs a little, and one in twelve is compound.
func prenomDe(e *epoque, sexe byte, u, v float64) string {
	liste := e.hommes
	if sexe == 2 {
		liste = e.femmes
	}
	p := liste[int(u*u*float64(len(liste)))]
	if v < 1.0/12 {
		if autre := liste[int(v*12*float64(len(liste)))]; autre != p {
			return p + "-" + autre
		}
	}
	return p
}
