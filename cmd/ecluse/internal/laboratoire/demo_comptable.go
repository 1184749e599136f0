package laboratoire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// virement is a transfer that an insurer made, as its own book tells.
type virement struct {
	es        *serveur.PartieEtablissement
	payeur    string
	reference string
	montant   sante.Montant
	jour      sante.Jour
}

// virer runs an order of an insurer, and keeps the transfer that its book shows.
func (r *Recit) virer(ctx context.Context, c *creance, suite string, payer func(liquidation.Ordre) error) error {
	finess, s := c.es.Maison.Etablissement.FinessJuridique, c.amc.Liquidation
	avant, err := s.Factures.Facture(ctx, finess, c.numero)
	if err != nil {
		return err
	}
	o := r.ordre(c, suite)
	if err := payer(o); err != nil {
		return err
	}
	apres, err := s.Factures.Facture(ctx, finess, c.numero)
	if err != nil {
		return err
	}
	v, err := c.es.Service.Venue(ctx, c.venue)
	if err != nil {
		return err
	}
	r.virements = append(r.virements, virement{c.es, v.Couverture(c.rang).AMC.Libelle, o.Reference, apres.Paye - avant.Paye, o.Comptable})
	return nil
}

// etranger is a transfer that no insurer made for a stay.
const etranger = sante.Montant(12_345)

// comptes takes what the insurers paid to the books of the comptables: the bank's
// statement is imported and matched, and three books must agree, each read in its
// own store. A clinic has no comptable. ref: DEC 27
func (r *Recit) comptes(ctx context.Context, l []*creance) error {
	par := map[*serveur.PartieEtablissement][]*creance{}
	var ordre []*serveur.PartieEtablissement
	for _, c := range l {
		if par[c.es] == nil {
			ordre = append(ordre, c.es)
		}
		par[c.es] = append(par[c.es], c)
	}
	for _, es := range ordre {
		if es.Livres == nil {
			r.sansComptable(es)
			continue
		}
		if err := r.importer(ctx, es); err != nil {
			return err
		}
		if err := r.troisLivres(ctx, es, par[es]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Recit) etapeComptable(es *serveur.PartieEtablissement, titre, attendu string) pupitre.Etape {
	return pupitre.Etape{Histoire: "De la facture à l'argent", Titre: titre, Service: roc.RET, Demandeur: es.Nom, Debut: r.temoin.horloge(), Code: roc.Accepte, Ok: true, Attendu: attendu}
}

// sansComptable shows that a hospital that is not public has no book.
func (r *Recit) sansComptable(es *serveur.PartieEtablissement) {
	x := r.etapeComptable(es, "Pas de comptable public", "aucun livre")
	categorie := string(es.Maison.Etablissement.Categorie)
	x.Recit = []string{es.Nom + ", de catégorie " + categorie + " : l'argent des AMC lui vient directement, aucun titre n'est émis."}
	if serveur.ParmiCategories(categorie) || es.Service.Comptable != nil {
		x.Ok, x.Constate = false, "un livre"
	}
	r.ajouter(x)
}

// importer gives the comptable the statement of the bank, twice: the second time
// counts for nothing.
func (r *Recit) importer(ctx context.Context, es *serveur.PartieEtablissement) error {
	x := r.etapeComptable(es, "Le relevé de la banque est importé et rapproché", "toutes les lignes des AMC rapprochées, l'étrangère en attente")
	var vires []virement
	for _, v := range r.virements {
		if v.es == es {
			vires = append(vires, v)
		}
	}
	b, err := imprimerReleve(vires, etranger, sante.JourA(r.temoin.horloge(), sante.Paris()))
	if err != nil {
		return err
	}
	f := comptable.Fichier{Nom: "releve.xml", Format: "camt", Agent: agent, Source: bytes.NewReader(b), Lire: releve.Camt{}.Lire}
	rapport, err := es.Livres.Importer(ctx, f)
	if err != nil {
		return err
	}
	bis, err := es.Livres.Importer(ctx, f)
	if err != nil {
		return err
	}
	if _, err := es.Livres.RapprocherTout(ctx); err != nil {
		return err
	}
	file, _, err := es.Livres.File(ctx, comptable.PlaceFile{}, 100)
	if err != nil {
		return err
	}
	x.Recit = []string{fmt.Sprintf("%s : relevé camt.053, %s, %s au crédit.", es.Nom, francais.Accorder(rapport.Nouvelles, "ligne", "lignes"), rapport.Credits.Euros())}
	for _, l := range file {
		x.Recit = append(x.Recit, fmt.Sprintf("Attend une personne : %s, « %s » — %s.", l.Reste.Euros(), l.Libelle, l.Doute.Libelle()))
	}
	if rapport.Nouvelles != len(vires)+1 || !bis.DejaImporte || len(file) != 1 || file[0].Reste != etranger || file[0].Doute != comptable.AnnonceAbsente {
		x.Ok, x.Constate = false, fmt.Sprintf("%d lignes importées, %d en attente", rapport.Nouvelles, len(file))
	}
	x.Duree = r.temoin.horloge().Sub(x.Debut)
	r.ajouter(x)
	return nil
}

// soldes is what three books say of an insurer.
type soldes struct {
	nom                              string
	demande, etablissement, assureur sante.Montant
	livre                            comptable.LigneBalance
}

// troisLivres compares what the hospital, the insurers and the comptable say was
// paid, by insurer, and what is still due.
func (r *Recit) troisLivres(ctx context.Context, es *serveur.PartieEtablissement, l []*creance) error {
	x := r.etapeComptable(es, "Les trois livres sont égaux", "la même somme payée par chaque AMC, et plus rien de dû")
	par := map[sante.NumeroAMC]*soldes{}
	for _, c := range l {
		v, err := es.Service.Venue(ctx, c.venue)
		if err != nil {
			return err
		}
		f, err := c.amc.Liquidation.Factures.Facture(ctx, es.Maison.Etablissement.FinessJuridique, c.numero)
		if err != nil {
			return err
		}
		cv := v.Couverture(c.rang)
		s := par[cv.AMC.Numero]
		if s == nil {
			s = &soldes{nom: cv.AMC.Libelle}
			par[cv.AMC.Numero] = s
		}
		s.demande += cv.Facture.Demande
		s.etablissement += cv.Facture.Paye
		s.assureur += f.Paye
	}
	b, err := es.Livres.Balance(ctx, sante.JourA(r.temoin.horloge(), sante.Paris()), comptable.SansFin)
	if err != nil {
		return err
	}
	for _, d := range b.Debiteurs {
		if par[d.AMC] == nil {
			par[d.AMC] = &soldes{nom: d.Libelle}
		}
		par[d.AMC].livre = d
	}
	tous := make([]*soldes, 0, len(par))
	for _, s := range par {
		tous = append(tous, s)
	}
	slices.SortFunc(tous, func(a, b *soldes) int { return cmp.Compare(a.nom, b.nom) })
	for _, s := range tous {
		x.Recit = append(x.Recit, fmt.Sprintf("%s : %s payés selon l'AMC, l'établissement et le comptable ; %s de titres, %s réduits, %s dus.", s.nom,
			s.livre.Paye.Euros(), s.livre.Emis.Euros(), s.livre.Reduit.Euros(), s.livre.Reste.Euros()))
		if s.assureur != s.livre.Paye || s.etablissement != s.livre.Paye || s.livre.Emis-s.livre.Reduit != s.demande || s.livre.Reste != 0 {
			x.Ok = false
			x.Constate = fmt.Sprintf("%s : %s payés selon l'AMC, %s selon l'établissement, %s selon le comptable, à qui il est dû %s", s.nom, s.assureur.Euros(), s.etablissement.Euros(),
				s.livre.Paye.Euros(), s.livre.Reste.Euros())
		}
	}
	if err := r.certifier(ctx, es, b, &x); err != nil {
		return err
	}
	x.Duree = r.temoin.horloge().Sub(x.Debut)
	r.ajouter(x)
	return nil
}

// certifier makes the export for the certification of accounts, which adds up to the
// balance or is an error, and the control of the whole book.
func (r *Recit) certifier(ctx context.Context, es *serveur.PartieEtablissement, b *comptable.Balance, x *pupitre.Etape) error {
	p := r.partieDe(es)
	k, err := p.OuvrirLivre(p.Fichier.Etablissements[0].Finess)
	if err != nil {
		return err
	}
	m, err := k.Exporter(ctx, comptable.Periode{Du: b.Jour - 365, Au: b.Jour}, "csv", func(string) (io.WriteCloser, error) { return rienEcrire{}, nil })
	if err != nil {
		return err
	}
	anomalies, err := es.Livres.Controler(ctx)
	if err != nil {
		return err
	}
	x.Recit = append(x.Recit, fmt.Sprintf("L'export pour la certification se totalise : %s, chacun avec sa preuve.", francais.Accorder(m.Fichiers[2].Lignes, "mouvement", "mouvements")))
	if len(anomalies) > 0 || m.Total.Cloture != b.Total.Reste {
		x.Ok, x.Constate = false, fmt.Sprintf("%d anomalies dans le livre, %s à l'export", len(anomalies), m.Total.Cloture.Euros())
	}
	return nil
}

// rienEcrire is a file of an export that nobody keeps.
type rienEcrire struct{}

func (rienEcrire) Write(b []byte) (int, error) { return len(b), nil }

// Close does nothing.
func (rienEcrire) Close() error { return nil }

func (r *Recit) partieDe(es *serveur.PartieEtablissement) *serveur.Processus {
	for _, p := range r.parties {
		if slices.Contains(p.Etablissements, es) {
			return p
		}
	}
	return nil
}

// imprimerReleve prints the statement of an account as a bank does: each transfer
// received, one that is no insurer's when it has an amount, and the balances at both
// ends.
func imprimerReleve(l []virement, autre sante.Montant, jour sante.Jour) ([]byte, error) {
	var b bytes.Buffer
	texte := func(s string) string {
		var t bytes.Buffer
		xml.EscapeText(&t, []byte(s)) // a buffer refuses nothing
		return t.String()
	}
	solde := func(code string, m sante.Montant) {
		fmt.Fprintf(&b, "<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>\n", code, m, jour)
	}
	var total sante.Montant
	for _, v := range l {
		total += v.montant
	}
	b.WriteString(xml.Header + "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\n")
	fmt.Fprintf(&b, "<GrpHdr><MsgId>DEMO-%s</MsgId><CreDtTm>%sT20:00:00</CreDtTm></GrpHdr>\n<Stmt><Id>1</Id><Acct><Id><IBAN>FR7610071750000000000240042</IBAN></Id></Acct>\n", jour, jour)
	solde("OPBD", 0)
	solde("CLBD", total+autre)
	if autre > 0 {
		l = append(l, virement{payeur: "BUVETTE DU LAC (fictive)", montant: autre, jour: jour})
	}
	for i, v := range l {
		fmt.Fprintf(&b, "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%s</Dt></ValDt><AcctSvcrRef>BQ%08X%d</AcctSvcrRef>", v.montant, v.jour, v.jour, crc32.ChecksumIEEE([]byte(v.reference+v.payeur)), i+1)
		b.WriteString("<NtryDtls><TxDtls>")
		if v.reference != "" {
			fmt.Fprintf(&b, "<Refs><EndToEndId>%s</EndToEndId></Refs>", texte(v.reference))
		}
		fmt.Fprintf(&b, "<RltdPties><Dbtr><Pty><Nm>%s</Nm></Pty></Dbtr></RltdPties></TxDtls></NtryDtls><AddtlNtryInf>VIR RECU DE %s</AddtlNtryInf></Ntry>\n", texte(v.payeur), texte(v.payeur))
	}
	b.WriteString("</Stmt></BkToCstmrStmt></Document>\n")
	return b.Bytes(), nil
}
