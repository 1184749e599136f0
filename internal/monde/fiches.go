package monde

import (
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// fiches is the population, by families. An opener of rights comes before those
// whom he covers.
func (a *atelier) fiches() []fiche {
	l := a.foyers()
	l = append(l, a.situationsAMO()...)
	return append(append(l, a.situationsDroits()...), a.ailleurs()...)
}

// foyers are families and persons of the stories.
func (a *atelier) foyers() []fiche {
	return []fiche{
		{cle: "solene", nom: "LE GALL-KERBRIANT", usage: "LE GALL", prenom: "Solène", sexe: 2, ne: "19910417", lieu: "29", qualite: "0", contrat: "MB-TRANQUILLE",
			note: "Nom composé et nom d'usage ; consultation externe, un acte saisi avec deux chiffres inversés.", autre: (*atelier).passeDeSolene},
		{cle: "erwan", nom: "LE GALL", prenom: "Erwan", sexe: 1, ne: "19890923", lieu: "56", de: "solene", qualite: "2", contrat: "MB-TRANQUILLE", note: "Conjoint, sous le numéro de Solène."},
		{cle: "theo", nom: "LE GALL", prenom: "Théo", sexe: 1, ne: a.ne(7*365 + 40), lieu: "29", de: "solene", qualite: "6", contrat: "MB-TRANQUILLE", note: "Enfant de 7 ans."},
		{cle: "marcel", nom: "DÉSORMEAUX", prenom: "Marcel", sexe: 1, ne: "19441105", lieu: "71", qualite: "0", contrat: "MB-TRANQUILLE",
			note: "Séjour à l'hôpital public avec chambre particulière ; 25 des 30 jours de l'année sont consommés.", autre: (*atelier).passeDeMarcel},
		{cle: "aicha", nom: "BENSALEM", usage: "ROUVIÈRE", prenom: "Aïcha", sexe: 2, ne: "19790228", lieu: "99", qualite: "0", contrat: "ML-SOCLE",
			note: "Née à l'étranger ; chirurgie lourde, plafond annuel de chambre presque atteint.", autre: (*atelier).passeDAicha},
		{cle: "lina", nom: "ROUVIÈRE", prenom: "Lina", sexe: 2, ne: a.ne(9*365 + 101), lieu: "69", de: "aicha", qualite: "6", contrat: "ML-SOCLE", note: "Jumelle de rang 1."},
		{cle: "ines", nom: "ROUVIÈRE", prenom: "Inès", sexe: 2, ne: a.ne(9*365 + 101), lieu: "69", de: "aicha", qualite: "6", contrat: "ML-SOCLE", note: "Jumelle de rang 2.",
			autre: func(_ *atelier, p *Patient) { p.RangGemellaire = 2 }},
		{cle: "thierry", nom: "D'ARGENCOURT", prenom: "Thierry", sexe: 1, ne: "19680712", lieu: "33", qualite: "0", contrat: "ML-SOCLE", note: "Consultation et acte avec dépassements d'honoraires."},
		{cle: "adele", nom: "D'ARGENCOURT", prenom: "Adèle", sexe: 2, ne: "19390130", lieu: "33", de: "thierry", qualite: "1", contrat: "ML-SOCLE", note: "Ascendante, sous le numéro de son fils."},
		{cle: "monique", nom: "VAUGIRAUD", usage: "LEFÈVRE", prenom: "Monique", sexe: 2, ne: "19570809", lieu: "76", qualite: "0", contrat: "PE-PREMIER-PRIX",
			note: "Séjour en clinique avec honoraires, contrat au premier prix."},
		{cle: "maelys", nom: "LEFÈVRE", prenom: "Maëlys", sexe: 2, ne: a.ne(15*365 + 200), lieu: "76", de: "monique", qualite: "6", contrat: "PE-PREMIER-PRIX", note: "Adolescente de 15 ans."},
		{cle: "baptiste", nom: "CHANTEREAU", prenom: "Baptiste", sexe: 1, ne: "19840303", lieu: "45", qualite: "0", contrat: "VA-RECOLTE", note: "L'établissement calcule lui-même, l'AMC garantit."},
		{cle: "genevieve", nom: "PRADELLE", usage: "VAN DEN HOOVE", prenom: "Geneviève", sexe: 2, ne: "19520614", lieu: "59", qualite: "0", contrat: "MB-TRANQUILLE",
			note: "Deux AMC : le Moulin au rang 1, la surcomplémentaire du Phare au rang 2.", autre: (*atelier).secondRang},
		{cle: "camille", nom: "MONTEIL", prenom: "Camille", sexe: 2, ne: "19970522", lieu: "87", qualite: "0", contrat: "MB-TRANQUILLE", note: "Maternité : accouchée il y a trois jours.", autre: (*atelier).maternite},
		{cle: "louison", nom: "MONTEIL", prenom: "Louison", sexe: 1, ne: a.ne(3), lieu: "87", de: "camille", qualite: "6", contrat: "MB-TRANQUILLE",
			note: "Nouveau-né, sans NIR encore.", autre: (*atelier).nouveauNe},
	}
}

func (a *atelier) passeDeSolene(p *Patient) {
	p.Passe = []Passage{a.passage(CleHopital, 210, 0, "75.60", "22.68", "Consultation externe"), a.passage(CleHopital, 95, 0, "26.50", "7.95", "Consultation externe")}
}

func (a *atelier) passeDeMarcel(p *Patient) {
	p.Passe = []Passage{
		a.passage(CleHopital, 190, 15, "11500.00", "3473.00", "Séjour de 15 nuits, chambre particulière 15 jours"),
		a.passage(CleNonLucratif, 70, 10, "6820.00", "2323.00", "Séjour de 10 nuits, chambre particulière 10 jours"),
		a.passage(CleHopital, 30, 0, "26.50", "7.95", "Consultation externe"),
	}
	p.Couvertures[0].Consomme = deja(a.jour-8, "CP", a.montant("1250.00"), 25)
}

func (a *atelier) passeDAicha(p *Patient) {
	p.Passe = []Passage{a.passage(CleNonLucratif, 130, 18, "9930.00", "4343.00", "Séjour de 18 nuits, chambre particulière 18 jours")}
	p.Couvertures[0].Consomme = deja(a.jour-4, "CP-AN", a.montant("1080.00"), 0)
}

func (a *atelier) secondRang(p *Patient) {
	p.Couvertures = append(p.Couvertures, Couverture{
		Rang: 2, AMC: ClePhare, Reference: "PE-GENEVIEVE", NumeroAdherent: lire(a, "PE/1990013-S", sante.ParseNumeroAdherent),
		ValiditeDebut: a.janvier(0), ValiditeFin: a.janvier(1) - 1, IdentiteSure: true, Adhesions: []Adhesion{{Contrat: "PE-SUR", Debut: a.janvier(-1)}},
	})
}

func (a *atelier) maternite(p *Patient) {
	p.AMO.NatureAssurance, p.PecFJ = calcul.NatureMaternite, calcul.FJRegime
	p.Situation = &roc.Situation{MaternitePresumee: a.jour + 4}
}

func (a *atelier) nouveauNe(p *Patient) {
	p.NIR, p.AMO.ExoTM, p.PecFJ = sante.NIR{}, calcul.ExoSoinsSpeciaux, calcul.FJRegime
	p.Couvertures[0].Adhesions[0].Debut = a.jour - 3
	p.Couvertures[0].ValiditeDebut = a.jour - 3
	p.Couvertures[0].IdentiteSure = false
}

// situationsAMO are persons whose compulsory insurance is not ordinary.
func (a *atelier) situationsAMO() []fiche {
	nature := func(n calcul.NatureAssurance, e calcul.ExoTM, fj calcul.PecFJ, s roc.Situation) func(*atelier, *Patient) {
		return func(_ *atelier, p *Patient) {
			p.AMO.NatureAssurance, p.AMO.ExoTM, p.PecFJ = n, e, fj
			if s != (roc.Situation{}) {
				p.Situation = &s
			}
		}
	}
	maladie := calcul.NatureMaladie
	return []fiche{
		{cle: "odile", nom: "TREMBLEY", prenom: "Odile", sexe: 2, ne: "19600219", lieu: "38", qualite: "0", contrat: "MB-ESSENTIEL", note: "Affection de longue durée ; passage aux urgences.",
			autre: nature(maladie, calcul.ExoALD, calcul.FJAssure, roc.Situation{ALD: true})},
		{cle: "jeanluc", nom: "SCHNEEGANS", prenom: "Jean-Luc", sexe: 1, ne: "19750127", lieu: "67", qualite: "0", contrat: "MB-TRANQUILLE", note: "Régime local d'Alsace-Moselle.",
			autre: nature(calcul.NatureLocal, calcul.ExoAucune, calcul.FJLocal, roc.Situation{AlsaceMoselle: true})},
		{cle: "karim", nom: "HADDOUCHE", prenom: "Karim", sexe: 1, ne: "19880606", lieu: "13", qualite: "0", contrat: "ML-SOCLE", note: "Accident du travail.",
			autre: nature(calcul.NatureAccident, calcul.ExoAucune, calcul.FJRegime, roc.Situation{ATMP: true})},
		{cle: "bernadette", nom: "FOUQUERAY", prenom: "Bernadette", sexe: 2, ne: "19631012", lieu: "53", qualite: "0", contrat: "VA-RECOLTE", note: "Pension d'invalidité : exonérée du ticket modérateur.",
			autre: nature(maladie, calcul.ExoAssure, calcul.FJAssure, roc.Situation{})},
		{cle: "raymond", nom: "COURTEBIZE", prenom: "Raymond", sexe: 1, ne: "19490501", lieu: "12", qualite: "0", contrat: "PE-PREMIER-PRIX", note: "Fonds de solidarité vieillesse : AMO à 90 %.",
			autre: nature(maladie, calcul.ExoFSV, calcul.FJAssure, roc.Situation{})},
		{cle: "fatoumata", nom: "DIARRASSOUBA", prenom: "Fatoumata", sexe: 2, ne: "19940818", lieu: "93", qualite: "0", contrat: "PE-CSS", note: "Complémentaire santé solidaire gérée par une AMC.",
			autre: nature(maladie, calcul.ExoAucune, calcul.FJAssure, roc.Situation{CSS: true})},
		{cle: "dimitri", nom: "SOKOLOVIĆ", prenom: "Dimitri", sexe: 1, ne: "19810311", lieu: "99", qualite: "0", contrat: "PE-CSS-CAISSE", note: "CSS gérée par la caisse : l'AMC ne répond que cela.",
			autre: nature(maladie, calcul.ExoAucune, calcul.FJAssure, roc.Situation{CSS: true})},
		{cle: "ahmed", nom: "EL-MANSOURI", prenom: "Ahmed", sexe: 1, ne: "19721901", lieu: "99", qualite: "0", contrat: "PE-CSS", note: "Date de naissance lunaire, qui n'est pas un jour du calendrier.",
			autre: nature(maladie, calcul.ExoAucune, calcul.FJAssure, roc.Situation{CSS: true})},
		{cle: "sekou", nom: "TRAORÉ-KABA", prenom: "Sékou", sexe: 1, ne: "20010000", lieu: "99", qualite: "0", note: "Aide médicale de l'État, aucune AMC, jour de naissance inconnu.",
			autre: nature(maladie, calcul.ExoAucune, calcul.FJAssure, roc.Situation{AME: true})},
	}
}

// situationsDroits are persons whose rights are not those of every day.
func (a *atelier) situationsDroits() []fiche {
	adhesion := func(changer func(*Couverture)) func(*atelier, *Patient) {
		return func(_ *atelier, p *Patient) { changer(&p.Couvertures[0]) }
	}
	hier := a.jour - 1
	return []fiche{
		{cle: "pascal", nom: "BEAUFRANC", prenom: "Pascal", sexe: 1, ne: "19710620", lieu: "02", qualite: "0", contrat: "MB-ESSENTIEL", note: "Droits fermés depuis un mois ; sa carte ne le dit pas.",
			autre: adhesion(func(c *Couverture) { c.Adhesions[0].Fin = a.jour - 30 })},
		{cle: "nadege", nom: "QUESNEL", prenom: "Nadège", sexe: 2, ne: "19860404", lieu: "14", qualite: "0", contrat: "VA-RECOLTE", note: "Droits suspendus (cotisations impayées).",
			autre: adhesion(func(c *Couverture) { c.Adhesions[0].SuspenduDebut = a.jour - 20 })},
		{cle: "julien", nom: "SAINT-AUBERT", prenom: "Julien", sexe: 1, ne: "19990909", lieu: "84", qualite: "0", contrat: "MB-ESSENTIEL", note: "Droits qui s'ouvrent dans quinze jours.",
			autre: adhesion(func(c *Couverture) {
				c.Adhesions[0].Debut, c.ValiditeDebut, c.ValiditeFin = a.jour+15, a.jour+15, a.jour+379
			})},
		{cle: "sylvie", nom: "MAILLEFERT", usage: "OURY", prenom: "Sylvie", sexe: 2, ne: "19731224", lieu: "54", qualite: "0", contrat: "ML-SOCLE", note: "A changé de contrat il y a dix jours.",
			autre: adhesion(func(c *Couverture) {
				c.Adhesions[0].Fin = a.jour - 11
				c.Adhesions = append(c.Adhesions, Adhesion{Contrat: "ML-CADRES", Debut: a.jour - 10})
			})},
		{cle: "roland", nom: "PICAUDÉ", prenom: "Roland", sexe: 1, ne: "19540228", lieu: "22", qualite: "0", contrat: "PE-HOSPI", note: "Contrat d'hospitalisation seule."},
		{cle: "corinne", nom: "ESTEVENIN", prenom: "Corinne", sexe: 2, ne: "19650719", lieu: "30", qualite: "0", contrat: "PE-SANS-CLINIQUE", note: "Pas de tiers payant à la clinique."},
		{cle: cleDoublon, nom: "GAUVRIT", prenom: "Yvette", sexe: 2, ne: "19471002", lieu: "85", qualite: "0", contrat: "MB-ESSENTIEL", note: "Inscrite deux fois par erreur chez son AMC."},
		{cle: "nolwenn", nom: "N'DIAYE-QUÉMÉNEUR", prenom: "Nolwenn", sexe: 2, ne: "19920131", lieu: "35", qualite: "0", contrat: "VA-SEMIS", note: "Suspension passée : droits rouverts hier ; apostrophe et trait d'union.",
			autre: adhesion(func(c *Couverture) { c.Adhesions[0].SuspenduDebut, c.Adhesions[0].SuspenduFin = a.jour-60, hier })},
		{cle: "manuel", nom: "DA SILVA FERREIRA", prenom: "Manuel", sexe: 1, ne: "19660913", lieu: "99", qualite: "0", contrat: "ML-CADRES", note: "Droits qui finissent dans cinq jours.",
			autre: adhesion(func(c *Couverture) { c.Adhesions[0].Fin, c.ValiditeFin = a.jour+5, a.jour+5 })},
	}
}

// ailleurs are persons born elsewhere, or whose name or age is a trial.
func (a *atelier) ailleurs() []fiche {
	return []fiche{
		{cle: "hugo", nom: "MARCHANDEAU", prenom: "Hugo", sexe: 1, ne: a.ne(20*365 + 64), lieu: "86", qualite: "0", contrat: "VA-SEMIS", note: "Étudiant ; calcul local seulement."},
		{cle: "germaine", nom: "BOISRENARD", usage: "PÂQUERET", prenom: "Germaine", sexe: 2, ne: "19290208", lieu: "18", qualite: "0", contrat: "VA-RECOLTE", note: "Presque centenaire."},
		{cle: "ange", nom: "COLONNA-SERRABIANCA", prenom: "Ange-Toussaint", sexe: 1, ne: "19830715", lieu: "2A", qualite: "0", contrat: "MB-ESSENTIEL", note: "Né en Corse : NIR avec une lettre."},
		{cle: "mariejo", nom: "BÉLIZAIRE", prenom: "Marie-Josèphe", sexe: 2, ne: "19781128", lieu: "971", qualite: "0", contrat: "ML-CADRES", note: "Née en Guadeloupe."},
		{cle: "axel", nom: "GRONDIN-HOARAU", prenom: "Axel", sexe: 1, ne: "20040306", lieu: "974", qualite: "0", contrat: "VA-RECOLTE", note: "Né à La Réunion."},
		{cle: "thimai", nom: "NGUYEN", usage: "LAVOINE", prenom: "Thi-Maï", sexe: 2, ne: "19691106", lieu: "99", qualite: "0", contrat: "ML-CADRES", note: "Née à l'étranger, prénom composé."},
		{cle: "maelle", nom: "LŒUILLET", prenom: "Maëlle", sexe: 2, ne: "20001225", lieu: "62", qualite: "0", contrat: "MB-ESSENTIEL", note: "Ligature et tréma."},
	}
}
