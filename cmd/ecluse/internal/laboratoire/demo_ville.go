package laboratoire

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// histoireVille is the title of the story of a pharmacy.
const histoireVille = "Une pharmacie : des droits, un prix, une panne, un paiement, une révocation"

// ville is the story of a pharmacy, as it goes.
type ville struct {
	*Recit
	ph       *pharmacie
	amc      *serveur.PartieAMC
	loupe    *pupitre.Loupe
	parties  []pupitre.Regardant
	faits    []pupitre.Fait
	passes   []pupitre.Courrier // what crossed since the beginning
	patient  droits.Patient
	carte    droits.Carte
	vente    *droits.Vente // of the first visit
	factures []droits.FactureOfficine
}

// enVille plays a pharmacy: rights, prices, the network cut, invoices and their payment, a
// revoked accreditation; then tells who saw what of it all.
func (r *Recit) enVille(ctx context.Context) (err error) {
	debut := len(r.etapes)
	v := &ville{Recit: r}
	if v.ph, err = ouvrirPharmacie(r.Scene, pharmaciesLabo()[0]); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.ph.clore()) }()
	if err := v.preparer(ctx); err != nil {
		return err
	}
	r.guet.guetter(true)
	defer r.guet.guetter(false)
	for _, f := range []func(context.Context) error{v.demander, v.redemander, v.tarifer, v.couper, v.facturer, v.payer, v.revoquer, v.regards} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return r.prouver(ctx, "", debut)
}

func (v *ville) preparer(ctx context.Context) (err error) {
	m := v.temoin.monde
	p, k, err := assureEnVille(m, monde.CleMoulin, m.Jour)
	if err != nil {
		return err
	}
	v.patient, v.carte = enVilleDe(m, p, k)
	v.amc = v.assureur(v.carte.NumeroAMC)
	v.loupe = &pupitre.Loupe{Personnes: true, Magasin: v.process().Magasin, Cles: v.ph.conf.Cles, Autres: slices.Concat(pupitre.LecteursDe(droits.EchangeDroits),
		pupitre.LecteursDe(droits.EchangeFactures), pupitre.LecteursDe(tarif.EchangeDossier), pupitre.LecteursDe(tarif.EchangeTarification))}
	if v.parties, err = v.regardants(v.ph); err != nil {
		return err
	}
	v.fait("adherent", "Le numéro d'adhérent", v.patient.NumeroAdherent.String())
	v.fait("naissance", "La date de naissance", v.patient.DateNaissance.String())
	v.fait("officine", "Le numéro de la pharmacie", v.ph.o.numero)
	v.fait("pharmacien", "Le pharmacien, par sa carte", v.ph.o.rpps)
	lectures, err := v.ph.poste.Actualiser(ctx)
	for _, l := range lectures {
		err = errors.Join(err, l.Erreur)
	}
	return err
}

// parties0 is the insurer's process: the trust of the laboratory is the same everywhere.
func (v *ville) process() *serveur.Processus { return v.Scene.parties[monde.CleMoulin] }

func (v *ville) fait(cle, nom string, textes ...string) {
	v.faits = append(v.faits, pupitre.Fait{Cle: cle, Nom: nom, Textes: textes})
}

// etape begins a step, of which nothing crossed yet.
func (v *ville) etape(s roc.Service, titre, repondant string) *pupitre.Etape {
	v.ph.observe.prendre()
	v.guet.prendre()
	return &pupitre.Etape{Histoire: histoireVille, Titre: titre, Service: s, Demandeur: "PHARMACIE " + v.ph.o.nom, Repondant: repondant, Debut: v.temoin.horloge()}
}

// echange fills a step from what the workstation was told of its last exchange, and looks
// at what each party could read of it.
func (v *ville) echange(x *pupitre.Etape) error {
	if l := v.ph.observe.prendre(); len(l) > 0 {
		a := &l[len(l)-1]
		x.DeArrivee(v.loupe, a, a.Depart.Corps)
		slices.Reverse(x.Relais) // of the answer: the last one was the first of the question
		for i, id := range x.Relais {
			for _, r := range []*monde.Structure{&v.temoin.monde.Relais, &v.temoin.monde.Operateur} {
				if id == r.Identifiant {
					x.Relais[i] = r.Nom
				}
			}
		}
	}
	courriers := v.guet.prendre()
	avant := v.passes
	v.passes = append(v.passes, courriers...)
	if len(courriers) == 0 {
		return nil
	}
	sansFichiers := slices.Clone(v.parties)
	for i := range sansFichiers {
		sansFichiers[i].Fichiers = nil
	}
	r, err := pupitre.Regarder(sansFichiers, v.faits, courriers, avant)
	if err != nil {
		return err
	}
	x.Regards = r.SansVides()
	return nil
}

// coder gives a step the code of a profile of the pharmacies.
func coder(x *pupitre.Etape, code, libelle string, accord bool) {
	x.Code, x.Libelle, x.Accepte, x.Refus = roc.Code(code), libelle, accord, nil
}

func (v *ville) nomAMC() string { return v.temoin.monde.Assureur(monde.CleMoulin).Nom }

// demander: rights, signed, with a receipt.
func (v *ville) demander(ctx context.Context) error {
	x := v.etape(roc.DLD, "Les droits, avec une garantie que l'on garde", v.nomAMC())
	vente, err := v.ph.poste.DroitsEtDossier(ctx, v.patient, v.carte, 0)
	for fin := time.Now().Add(delaiFlux); err == nil && vente.Code == visiodroits.DossierRefuse && time.Now().Before(fin); {
		time.Sleep(50 * time.Millisecond) // the insurer is reading the lists of the third party
		x = v.etape(roc.DLD, x.Titre, x.Repondant)
		vente, err = v.ph.poste.DroitsEtDossier(ctx, v.patient, v.carte, 0)
	}
	if err != nil {
		return err
	}
	v.vente = vente
	if vente.Accreditation.IsZero() {
		return fmt.Errorf("aucun droit : %s %s", vente.Code, vente.Phrase)
	}
	n := vente.Accreditation.Accreditation().Numero.String()
	v.fait("accreditation", "Le numéro de l'accréditation", n)
	if err := v.echange(x); err != nil {
		return err
	}
	coder(x, string(vente.Code), vente.Code.Libelle(), true)
	x.Recit = []string{
		"La pharmacie demande les droits du patient, sous son cachet, par le concentrateur ; les listes signées lui ont dit où et sous quel sceau on répondrait.",
		"L'accréditation " + n + " se vérifie sans réseau, et garantit les soins du " + vente.Recu.DroitsDebut.Francais() + " au " + vente.Recu.DroitsFin.Francais() + ". Son reçu s'imprime et se garde avec la facture.",
	}
	x.Attendu = string(visiodroits.Fournis)
	v.juger(x, vente.Code == visiodroits.Fournis && vente.TiersPayant && vente.JetonDossier != "", vente.Phrase)
	return nil
}

func (v *ville) juger(x *pupitre.Etape, ok bool, constate string) {
	if x.Duree == 0 {
		x.Duree = v.temoin.horloge().Sub(x.Debut)
	}
	if x.Ok = ok; !ok {
		x.Constate = constate
	}
	v.ajouter(*x)
}

// redemander: nothing moved, and nothing but that is said.
func (v *ville) redemander(ctx context.Context) error {
	tenue := v.vente.Accreditation.Accreditation().Numero
	return v.encore(ctx, "Les mêmes droits, redemandés : inchangés",
		"Le logiciel cite l'accréditation qu'il a ; l'AMC répond que rien n'a changé, sans rien redire des droits.",
		visiodroits.Inchanges, func(n droits.NumeroAccreditation) bool { return n == tenue })
}

// encore asks the rights of the same patient once more.
func (v *ville) encore(ctx context.Context, titre, recit string, attendu visiodroits.Code, ok func(droits.NumeroAccreditation) bool) error {
	x := v.etape(roc.DLD, titre, v.nomAMC())
	vente, err := v.ph.poste.Droits(ctx, v.patient, v.carte, 0)
	if err != nil {
		return err
	}
	if err := v.echange(x); err != nil {
		return err
	}
	coder(x, string(vente.Code), vente.Code.Libelle(), true)
	x.Recit, x.Attendu = []string{recit}, string(attendu)
	v.juger(x, vente.Code == attendu && ok(vente.Accreditation.Accreditation().Numero), vente.Phrase)
	return nil
}

// verres is what is delivered: a product and its price are known to the pharmacy, to the
// third party for the time of an answer, and to who prices, that does not know of whom.
func verres() ([]tarif.Ligne, error) {
	a, err1 := tarif.ParseCodeProduit("9900022")
	b, err2 := tarif.ParseCodeProduit("9900033")
	return []tarif.Ligne{
		{Rang: 1, Famille: calcul.FamilleDMI, CodePrestation: "VER", CodeProduit: a, Quantite: 1, PrixUnitaire: 137_43, MontantDepense: 137_43,
			BaseAMO: 22_55, TauxAMO: sante.Pourcent(60), MontantAMO: 13_53},
		{Rang: 2, Famille: calcul.FamilleDMI, CodePrestation: "MON", CodeProduit: b, Quantite: 1, PrixUnitaire: 91_57, MontantDepense: 91_57,
			BaseAMO: 9_05, TauxAMO: sante.Pourcent(60), MontantAMO: 5_43},
	}, errors.Join(err1, err2)
}

// tarifer: a file at the third party, then a price, by the card of the pharmacist.
func (v *ville) tarifer(ctx context.Context) error {
	c := v.ph.parCarte(sceau.REST, monde.CleRelais)
	tiers, _ := v.structuresFines()
	acces, cible, err := v.ph.acces(v.carte.NumeroAMC)
	if err != nil {
		return err
	}
	x := v.etape(roc.DOS, "Un numéro de dossier, qui ne dit pas de qui", tiers.Nom)
	d, err := roc.Envoyer(ctx, c, tarif.EchangeDossier, cible, "1", &tarif.DemandeDossier{Jeton: tarif.Chiffre(v.vente.JetonDossier)}, roc.Suivi{})
	if err != nil {
		return err
	}
	dossier := d.Corps.NumeroDossier
	v.fait("dossier", "Le numéro de dossier", dossier.String())
	if err := v.echange(x); err != nil {
		return err
	}
	coder(x, string(d.Corps.CodeRetour), d.Corps.Libelle, d.Corps.Accord())
	x.Recit = []string{
		"L'AMC a remis à la pharmacie un jeton qu'elle ne sait pas lire. Le tiers de confiance le lit : une grille de garanties, que plusieurs personnes partagent ; aucune identité. Il en fait un numéro de dossier, qu'il ne donne qu'à elle.",
		"Le concentrateur transporte, chiffré ; la carte du pharmacien est vue du tiers lui-même.",
	}
	x.Attendu = "un numéro de dossier"
	v.juger(x, d.Corps.Accord() && d.Chiffre, string(d.Corps.CodeRetour))

	lignes, err := verres()
	if err != nil {
		return err
	}
	v.fait("produit", "Le produit délivré", lignes[0].CodeProduit.String())
	v.fait("prix", "Le prix d'un produit", lignes[0].PrixUnitaire.String())
	for _, sens := range []tarif.Sens{tarif.Devis, tarif.Engagement} {
		q, err := tarif.Poste{Tiers: acces.Cle}.Preparer(dossier, v.temoin.monde.Jour, sens, lignes)
		if err != nil {
			return err
		}
		titre := "Un devis, produit par produit"
		if sens == tarif.Engagement {
			titre = "Le même, qui engage"
		}
		x := v.etape(roc.TAR, titre, tiers.Nom)
		r, err := roc.Envoyer(ctx, c, tarif.EchangeTarification, cible, "1", q.Demande, roc.Suivi{})
		if err != nil {
			return err
		}
		prix, err := q.Lire(r.Corps)
		if err != nil {
			return err
		}
		if sens == tarif.Engagement {
			v.fait("tarification", "Le numéro de tarification", prix.Numero.String())
			v.factures = append(v.factures, v.factureTarifee("FVILLE1", prix))
		}
		if err := v.echange(x); err != nil {
			return err
		}
		coder(x, string(r.Corps.CodeRetour), r.Corps.Libelle, r.Corps.Accord())
		v.montrerPrix(x, lignes, prix)
		v.juger(x, r.Corps.Accord() && prix.AMC > 0 && r.Chiffre && v.ph.poignees.Load() == 1, fmt.Sprintf("%s, %d négociations par la carte", r.Corps.CodeRetour, v.ph.poignees.Load()))
	}
	return nil
}

func (v *ville) montrerPrix(x *pupitre.Etape, lignes []tarif.Ligne, prix *tarif.Prix) {
	x.Totaux = &pupitre.Parts{Depense: prix.Depense, AMO: prix.AMO, AMC: prix.AMC, Patient: prix.Patient}
	for i := range lignes {
		l, p := &lignes[i], &prix.Parts[i]
		x.Lignes = append(x.Lignes, pupitre.LigneParts{Rang: l.Rang, Libelle: string(l.CodePrestation), Regle: p.Regle, Phrase: p.Motif,
			Parts: pupitre.Parts{Depense: l.MontantDepense, AMO: l.MontantAMO, AMC: p.MontantAMC, Patient: l.MontantDepense - l.MontantAMO - p.MontantAMC}})
	}
	x.Attendu = "une part de l'AMC, et une seule négociation par la carte depuis le matin"
	x.Recit = []string{"Les lignes sont chiffrées pour le tiers. Il les ouvre le temps de répondre, les transmet à la tarification sous une référence à usage unique, sans dire de quelle pharmacie, et n'en garde rien."}
	if prix.Numero.IsZero() {
		x.Indicatif = true
		return
	}
	x.Recit = append(x.Recit, "Le numéro de tarification "+prix.Numero.String()+" se cite dans la facture : l'AMC demandera au tiers si les montants sont bien ceux-là, et n'apprendra que oui ou non.")
}

// facture begins an invoice of the pharmacy on what a sale gives.
func (v *ville) facture(numero droits.NumeroFacture, vente *droits.Vente) droits.FactureOfficine {
	f := droits.FactureOfficine{Numero: numero, DateFacture: v.temoin.monde.Jour, PS: v.ph.ps, Patient: v.patient}
	vente.Facturer(&f)
	return f
}

// factureTarifee has, of what was priced, the amounts by family and nothing else.
func (v *ville) factureTarifee(numero droits.NumeroFacture, prix *tarif.Prix) droits.FactureOfficine {
	f := v.facture(numero, v.vente)
	f.Tarification = tarificationDe(prix)
	f.Totaux = f.Sommes()
	return f
}

// tarificationDe is what an invoice says of what was priced.
func tarificationDe(prix *tarif.Prix) *droits.FactureTarification {
	t := &droits.FactureTarification{Numero: prix.Numero.String()}
	for _, m := range prix.Familles {
		t.Montants = append(t.Montants, droits.PartsFamille{Famille: m.Famille,
			PartsOfficine: droits.PartsOfficine{Depense: m.Depense, AMO: m.AMO, AMC: m.AMC, Patient: m.Depense - m.AMO - m.AMC}})
	}
	return t
}

// couper: nothing answers any more, and the counter goes on, with its proof.
func (v *ville) couper(ctx context.Context) error {
	x := v.etape(roc.DLD, "Le réseau est coupé : la vente continue en mode dégradé", "personne")
	v.ph.couper(true)
	defer v.ph.couper(false)
	vente, err := v.ph.poste.Droits(ctx, v.patient, v.carte, 0)
	if err != nil {
		return err
	}
	v.ph.observe.prendre() // a question that nobody received
	coder(x, string(vente.Code), vente.Code.Libelle(), false)
	x.Recit = []string{vente.Phrase + ".", vente.AFaire}
	ok := vente.Code == visiodroits.PosteHorsLigne && vente.Degrade != nil && vente.TiersPayant
	if ok {
		x.Recit = append(x.Recit, "La trace de la tentative "+vente.Degrade.Preuve.ID+" est gardée, et partira avec la facture. Ce n'est pas « service non ouvert » (200) : une panne ne le dit jamais.")
		f := v.facture("FVILLE2", vente)
		f.Lignes = []droits.LigneOfficine{{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH7", Quantite: calcul.Unites(1), BaseAMO: 24_60, TauxAMO: sante.Pourcent(65),
			PartsOfficine: droits.PartsOfficine{Depense: 24_60, AMO: 15_99}}}
		if err := f.Calculer(v.moteur, vente.Etendue); err != nil {
			return err
		}
		v.factures = append(v.factures, f)
		x.Totaux = partsOfficine(f.Totaux)
		x.Recit = append(x.Recit, "La part de l'AMC se calcule sur place, sous les garanties accréditées.")
	}
	x.Attendu = string(visiodroits.PosteHorsLigne) + ", et le tiers payant sur les droits d'avant"
	v.juger(x, ok, string(vente.Code)+" "+vente.Phrase)
	return nil
}

func partsOfficine(p droits.PartsOfficine) *pupitre.Parts {
	return &pupitre.Parts{Depense: p.Depense, AMO: p.AMO, AMC: p.AMC, Patient: p.Patient}
}

// facturer: both invoices leave once the link is back.
func (v *ville) facturer(ctx context.Context) error {
	x := v.etape(roc.FAO, "Les deux factures partent, et passent les contrôles", v.nomAMC())
	r, err := v.ph.poste.Factures(ctx, v.carte, &droits.DemandeFactures{Lot: droits.NouveauLot("LVILLE1", v.temoin.monde.Jour, v.factures...)})
	if err != nil {
		return err
	}
	if err := v.echange(x); err != nil {
		return err
	}
	coder(x, string(r.CodeRetour), r.Libelle, r.CodeRetour.Accord())
	var total droits.PartsOfficine
	ok := len(r.Factures) == len(v.factures)
	for i, f := range r.Factures {
		ok = ok && f.Etat == droits.FactureAcceptee
		x.Recit = append(x.Recit, fmt.Sprintf("%s : %s, %s demandés à l'AMC.", f.Numero, minuscule(f.Libelle), f.MontantAMC.Euros()))
		if i < len(v.factures) {
			total = total.Plus(v.factures[i].Totaux)
		}
	}
	x.Recit = append(x.Recit, "La première cite son numéro de tarification : le tiers de confiance a répondu oui, et rien d'autre. La seconde montre la tentative restée sans réponse.")
	x.Totaux, x.Attendu = partsOfficine(total), "deux factures acceptées"
	v.juger(x, ok, fmt.Sprintf("%+v", r.Factures))
	return nil
}

// payer: the run of the day, and what the pharmacy reads of it.
func (v *ville) payer(ctx context.Context) error {
	x := v.etape(roc.FAO, "Payée, au centime", v.nomAMC())
	p := v.process()
	s, err := p.Officine(&p.Fichier.AMC[0], v.temoin.monde.Assureur(monde.CleMoulin).AnciensNumeros, v.moteur, nil, nil)
	if err != nil {
		return err
	}
	jour := v.temoin.monde.Jour
	reglement, err := s.Ordonner(ctx, jour)
	if err != nil {
		return err
	}
	if err := s.Confirmer(ctx, jour, v.ph.ps.NumeroFacturation, jour); err != nil {
		return err
	}
	r, err := v.ph.poste.Factures(ctx, v.carte, &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{Etats: []droits.EtatFacture{droits.FacturePayee}}})
	if err != nil {
		return err
	}
	if err := v.echange(x); err != nil {
		return err
	}
	coder(x, string(r.CodeRetour), r.Libelle, r.CodeRetour.Accord())
	var paye, demande sante.Montant
	for _, f := range r.Suivi {
		paye += f.MontantPaye
	}
	for i := range v.factures {
		demande += v.factures[i].Totaux.AMC
	}
	x.Recit = []string{fmt.Sprintf("Un virement pour %s, un avis de prélèvement de %s à l'AMC ; la pharmacie lit ce qui a bougé depuis sa dernière question.",
		francais.Accorder(reglement.Nombre, "facture", "factures"), reglement.Preleve.Euros())}
	x.Attendu = demande.Euros() + " payés"
	v.juger(x, paye == demande && reglement.Preleve == demande, paye.Euros())
	return nil
}

// revoquer: the insurer revokes, the list says it, and the workstation stops before the
// invoice, then asks again.
func (v *ville) revoquer(ctx context.Context) error {
	x := v.etape(roc.Service(visiodroits.LAR), "L'accréditation est révoquée : le poste le voit avant de facturer", v.nomAMC())
	numero := v.vente.Accreditation.Accreditation().Numero
	p := v.process()
	fait, err := accreditation.Revoquer(ctx, accrstore.New(p.Base, v.amc.Tenant), numero, accreditation.Revocation{Effet: v.temoin.monde.Jour, Motif: droits.ChangementContrat})
	if err != nil {
		return err
	}
	if _, err := p.Emetteur(numero.Emetteur()).Editeur.Publier(ctx, true); err != nil {
		return err
	}
	if err := v.attendreLAR(ctx, monde.CleMoulin, numero.Emetteur().String(), 2); err != nil {
		return err
	}
	// The workstation reads its lists again when they are due: an hour passes for it alone.
	v.ph.avance.Store(int64(61 * time.Minute))
	lectures, err := v.ph.poste.Actualiser(ctx)
	v.ph.avance.Store(0)
	for _, l := range lectures {
		err = errors.Join(err, l.Erreur)
	}
	if err != nil {
		return err
	}
	renouvellement := *v.vente
	renouvellement.DateReference += 2 // from the day after the one of the list, it is opposed
	d, err := v.ph.poste.AvantFacture(&renouvellement)
	if err != nil {
		return err
	}
	coder(x, "", "", false)
	x.Recit = []string{
		"Le contrat a changé : l'AMC révoque l'accréditation et le publie dans une liste signée, où seules des empreintes se lisent. Le poste la relit une heure plus tard.",
		"Un renouvellement se prépare pour après-demain. " + d.Phrase,
		"Ce qui a été délivré avant reste payé : une facture bien accréditée n'est jamais refusée parce que les droits se révèlent faux.",
	}
	x.Attendu = "une facture arrêtée avant de partir"
	v.juger(x, fait && !d.Permis && d.Motif == droits.Revoquee, d.Phrase)

	return v.encore(ctx, "Redemandés, les droits ont une autre accréditation", "Le logiciel ne cite plus l'accréditation révoquée ; l'AMC en donne une autre.",
		visiodroits.Fournis, func(n droits.NumeroAccreditation) bool { return n != numero })
}

// separation is what the design promises of a pharmacy: what a party may have of a fact, at
// most. ref: DEC 32
var separation = map[string]map[string]pupitre.Regard{
	cleTiers:           {"adherent": pupitre.Jamais, "naissance": pupitre.Jamais, "accreditation": pupitre.Jamais, "produit": pupitre.Lu, "prix": pupitre.Lu, "dossier": pupitre.Lu},
	cleTarif:           {"adherent": pupitre.Jamais, "naissance": pupitre.Jamais, "accreditation": pupitre.Jamais, "officine": pupitre.Jamais, "pharmacien": pupitre.Jamais, "dossier": pupitre.Jamais, "tarification": pupitre.Jamais, "produit": pupitre.Lu, "prix": pupitre.Lu},
	monde.CleMoulin:    {"produit": pupitre.Jamais, "prix": pupitre.Jamais, "dossier": pupitre.Jamais, "pharmacien": pupitre.Jamais},
	monde.CleOperateur: {"produit": pupitre.Jamais, "prix": pupitre.Jamais, "dossier": pupitre.Jamais},
	monde.CleRelais:    {"produit": pupitre.Porte, "prix": pupitre.Porte, "dossier": pupitre.Porte},
}

// regards tells who saw what of the whole story, and what is left in the files of each.
func (v *ville) regards(context.Context) (err error) {
	x := v.etape("", "Qui a vu quoi, et ce qui reste dans les fichiers de chacun", "")
	x.Demandeur = ""
	if x.Regards, err = pupitre.Regarder(v.parties, v.faits, v.passes, nil); err != nil {
		return err
	}
	rang := map[pupitre.Regard]int{pupitre.Jamais: 0, pupitre.Porte: 1, pupitre.Lu: 2, pupitre.Garde: 3}
	var fautes []string
	for partie, l := range separation {
		for fait, plus := range l {
			if vu := x.Regards.De(fait, partie); vu == "" || rang[vu] > rang[plus] {
				fautes = append(fautes, fmt.Sprintf("%s chez %s : %q", fait, partie, vu))
			}
		}
	}
	// The search has eyes: it finds what must be there.
	for _, l := range [][2]string{{"adherent", monde.CleMoulin}, {"produit", cleTiers}, {"produit", cleTarif}, {"accreditation", monde.CleMoulin}, {"produit", v.ph.o.cle}} {
		if vu := x.Regards.De(l[0], l[1]); rang[vu] < rang[pupitre.Lu] {
			fautes = append(fautes, fmt.Sprintf("%s chez %s n'est pas vu", l[0], l[1]))
		}
	}
	slices.Sort(fautes)
	x.Recit = []string{"L'AMC sait qui, et combien par famille ; la tarification sait quoi, et combien ; la pharmacie seule a les deux. Le tiers de confiance ne les rapproche que par un lien tiré au hasard, quand l'AMC demande si une facture est juste."}
	x.Attendu = "ceux qui connaissent le patient n'ont jamais le produit, et inversement"
	v.juger(x, len(fautes) == 0, strings.Join(fautes, " ; "))
	return nil
}
