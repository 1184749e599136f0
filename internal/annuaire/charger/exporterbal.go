package charger

import (
	"context"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// boites writes the mailboxes of professionals, of what they do somewhere, and of
// structures. Those of the red list are not in this file, which is public. ref: RASS §6.6
func (x *export) boites(ctx context.Context) error {
	err := x.praticiens(ctx, func(image.Ref) error { return x.ecrireBAL(x.p.BAL, true, "", annuaire.Code{}) })
	if err != nil {
		return err
	}
	err = parcourir(ctx, x.v, annuaire.Situations, func(r image.Ref) error {
		x.v.Situation(r, &x.s)
		p, ok := x.v.ParID(annuaire.Praticiens, x.s.Praticien)
		if !ok || !x.s.Actif || len(x.s.BAL) == 0 {
			return nil
		}
		if x.v.Praticien(p, &x.p); !x.p.Actif {
			return nil
		}
		return x.ecrireBAL(x.s.BAL, true, x.s.Structure, x.s.SavoirFaire.Savoir)
	})
	if err != nil {
		return err
	}
	return x.chaqueStructure(ctx, func() error { return x.ecrireBAL(x.t.BAL, false, x.t.ID, annuaire.Code{}) })
}

func (x *export) ecrireBAL(l []annuaire.BAL, personnelle bool, structure string, savoir annuaire.Code) error {
	for _, b := range l {
		if b.ListeRouge {
			continue
		}
		x.mettre(rass.MSTypeBAL, string(b.Type))
		x.mettre(rass.MSAdresse, b.Adresse)
		x.mettre(rass.MSService, b.Service)
		x.mettre(rass.MSDematerialisation, b.Dematerialise)
		if personnelle {
			x.titulaire(savoir)
		}
		if structure != "" {
			if personnelle {
				x.structure(structure)
			}
			x.adresseBAL()
		}
		if err := x.poser(); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) titulaire(savoir annuaire.Code) {
	p := &x.p
	x.mettre(rass.MSTypeIdentifiant, p.TypeID)
	x.mettre(rass.MSIdentifiant, p.Numero)
	x.mettre(rass.MSIDNat, p.IDNat)
	x.mettre(rass.MSCiviliteExercice, p.CiviliteExercice.Code)
	x.mettre(rass.MSNom, p.Nom)
	x.mettre(rass.MSPrenom, p.Prenom)
	x.code(rass.MSCodeCategorie, p.Categorie)
	x.code(rass.MSCodeProfession, p.Profession)
	if savoir.IsZero() {
		savoir = principal(p.SavoirFaire)
	}
	x.code(rass.MSCodeSavoirFaire, savoir)
}

// adresseBAL writes the structure of a mailbox in the lines of a postal address. The
// national file does not say how it makes them. hyp: CHARGER-BAL-STRUCTURE
func (x *export) adresseBAL() {
	t, a := &x.t, &x.t.Adresse
	sorte, numero := numeroStructure(t)
	x.mettre(rass.MSTypeStructure, sorte)
	x.mettre(rass.MSStructure, numero)
	x.mettre(rass.MSRaisonSociale, t.RaisonSociale)
	x.mettre(rass.MSEnseigne, t.Enseigne)
	x.mettre(rass.MSComplementLocalisation, a.PointGeographique)
	x.mettre(rass.MSComplementDistribution, a.Destinataire)
	x.mettre(rass.MSNumeroVoie, a.NumeroVoie)
	x.mettre(rass.MSIndiceVoie, a.Indice)
	x.mettre(rass.MSTypeVoie, a.TypeVoie.Libelle)
	x.mettre(rass.MSLibelleVoie, a.LibelleVoie)
	x.mettre(rass.MSLieuDit, a.Mention)
	if acheminement := a.BureauCedex; acheminement != "" {
		x.mettre(rass.MSAcheminement, acheminement)
	} else {
		x.mettre(rass.MSAcheminement, strings.TrimSpace(a.CodePostal+" "+a.Commune.Libelle))
	}
	x.mettre(rass.MSCodePostal, a.CodePostal)
	x.mettre(rass.MSDepartement, nomme(a.Departement))
	x.mettre(rass.MSPays, a.Pays.Libelle)
}

// nomme is the label of a code, else the code.
func nomme(k annuaire.Code) string {
	if k.Libelle != "" {
		return k.Libelle
	}
	return k.Code
}

// principal is the savoir-faire by which a professional is named: his specialty, else
// the first.
func principal(l []annuaire.Qualification) annuaire.Code {
	for _, q := range l {
		if q.Type.Code == "S" {
			return q.Savoir
		}
	}
	if len(l) > 0 {
		return l[0].Savoir
	}
	return annuaire.Code{}
}
