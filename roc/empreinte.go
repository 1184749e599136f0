package roc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
)

// Empreinte is a digest of who a beneficiary is for his insurer: the number of
// adherent, the day and the rank of birth. Two messages that give the same speak of
// the same person. ref: ROC §7.3, §9.3 rule 6
func (b *Beneficiaire) Empreinte() string {
	h := sha256.Sum256([]byte(b.NumeroAdherent.String() + "\x00" + b.DateNaissance.String() + "\x00" + strconv.Itoa(b.RangGemellaire)))
	return hex.EncodeToString(h[:16])
}

// EmpreinteCalcul is a digest of all that the share of an insurer follows from: the
// passage, its dates, its lines, the shares of lower ranks, the exonerations. What
// is only formal is left out, so that a correction may mend it without another
// calculation: names, identifiers, the reference of the IDB, the number of the
// invoice, the image of the card. ref: ROC §3.3 rules 2 and 4 // hyp: FACTURE-CALCUL
func EmpreinteCalcul(d *DemandeCalcul) string {
	q := *d
	q.Contexte, q.DMT, q.MT, q.ConsentementInformation = "", "", "", false
	q.IDReponseIDB, q.NumeroFactureES, q.Beneficiaire = "", "", Beneficiaire{}
	q.Carte = Carte{NumeroAMC: d.Carte.NumeroAMC}
	q.AMO = AMO{NatureAssurance: d.AMO.NatureAssurance, ExoTM: d.AMO.ExoTM}
	h := sha256.Sum256(EchangeCLC.CorpsDemande.AppendJSON(nil, &q))
	return base64.RawURLEncoding.EncodeToString(h[:])
}
