package charger

import (
	"context"
	"encoding/base64"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// activites writes a line per situation, and one for each professional who has none.
func (x *export) activites(ctx context.Context) error {
	occupes := nouveauxVus(x.v, annuaire.Praticiens)
	err := parcourir(ctx, x.v, annuaire.Situations, func(r image.Ref) error {
		x.v.Situation(r, &x.s)
		p, ok := x.v.ParID(annuaire.Praticiens, x.s.Praticien)
		if !ok || !x.s.Actif {
			return nil
		}
		if x.v.Praticien(p, &x.p); !x.p.Actif {
			return nil
		}
		occupes.marquer(p)
		x.personne(entiere(x.s.Trace.Autorite))
		x.code(rass.PACodeTypeSavoirFaire, x.s.SavoirFaire.Type)
		x.code(rass.PACodeSavoirFaire, x.s.SavoirFaire.Savoir)
		x.code(rass.PACodeMode, x.s.Mode)
		x.code(rass.PACodeSection, x.s.SectionPharmacien)
		x.code(rass.PACodeRole, x.s.Fonction)
		x.code(rass.PACodeGenre, x.s.Genre)
		x.lieu(x.s.Structure)
		return x.poser()
	})
	if err != nil {
		return err
	}
	return x.praticiens(ctx, func(r image.Ref) error {
		if occupes.est(r) {
			return nil
		}
		x.personne(entiere(x.p.Trace.Autorite))
		return x.poser()
	})
}

// entiere is the authority as the file wrote it.
func entiere(k annuaire.Code) string {
	if k.Libelle != "" {
		return k.Libelle
	}
	return k.Code
}

func (x *export) personne(autorite string) {
	p := &x.p
	x.mettre(rass.PATypeIdentifiant, p.TypeID)
	x.mettre(rass.PAIdentifiant, p.Numero)
	x.mettre(rass.PAIDNat, p.IDNat)
	x.code(rass.PACodeCiviliteExercice, p.CiviliteExercice)
	x.code(rass.PACodeCivilite, p.Civilite)
	x.mettre(rass.PANom, p.Nom)
	x.mettre(rass.PAPrenom, p.Prenom)
	x.code(rass.PACodeProfession, p.Profession)
	x.code(rass.PACodeCategorie, p.Categorie)
	x.mettre(rass.PAAutorite, autorite)
}

func (x *export) lieu(id string) {
	x.structure(id)
	t := &x.t
	x.mettre(rass.PASIRET, t.SIRET)
	x.mettre(rass.PASIREN, t.SIREN)
	x.mettre(rass.PAFINESS, t.FINESS)
	x.mettre(rass.PAFINESSJuridique, t.FINESSJuridique)
	x.mettre(rass.PAIDTechnique, t.IDTechnique)
	x.mettre(rass.PARaisonSociale, t.RaisonSociale)
	x.mettre(rass.PAEnseigne, t.Enseigne)
	x.adresse(rass.PADestinataire, &t.Adresse)
	x.mettre(rass.PAAncienID, t.AncienID)
	x.code(rass.PACodeSecteur, t.Secteur)
}

func (x *export) savoirs(ctx context.Context) error {
	return x.praticiens(ctx, func(image.Ref) error {
		for _, q := range x.p.SavoirFaire {
			p := &x.p
			x.mettre(rass.SFTypeIdentifiant, p.TypeID)
			x.mettre(rass.SFIdentifiant, p.Numero)
			x.mettre(rass.SFIDNat, p.IDNat)
			x.mettre(rass.SFNom, p.Nom)
			x.mettre(rass.SFPrenom, p.Prenom)
			x.code(rass.SFCodeProfession, p.Profession)
			x.code(rass.SFCodeCategorie, p.Categorie)
			x.code(rass.SFCodeTypeSavoirFaire, q.Type)
			x.code(rass.SFCodeSavoirFaire, q.Savoir)
			if err := x.poser(); err != nil {
				return err
			}
		}
		return nil
	})
}

// diplomes writes the diplomas of a person once, whatever his professions: with the
// first of them.
func (x *export) diplomes(ctx context.Context) error {
	a := &atelier{vue: x.v}
	return x.praticiens(ctx, func(r image.Ref) error {
		if len(x.p.Diplomes) == 0 {
			return nil
		}
		var autre annuaire.Praticien
		for o := range a.parIdentifiant(x.p.IDNat) {
			if o == r {
				continue
			}
			if x.v.Praticien(o, &autre); autre.Actif && autre.IDNat == x.p.IDNat && autre.ID < x.p.ID {
				return nil
			}
		}
		for _, d := range x.p.Diplomes {
			p := &x.p
			x.mettre(rass.DATypeIdentifiant, p.TypeID)
			x.mettre(rass.DAIdentifiant, p.Numero)
			x.mettre(rass.DAIDNat, p.IDNat)
			x.mettre(rass.DANom, p.Nom)
			x.mettre(rass.DAPrenom, p.Prenom)
			x.code(rass.DACodeTypeDiplome, d.Type)
			x.code(rass.DACodeDiplome, d.Diplome)
			x.code(rass.DACodeTypeAutorisation, d.TypeAutorisation)
			x.code(rass.DACodeDiscipline, d.Discipline)
			if err := x.poser(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *export) cartes(ctx context.Context) error {
	return x.praticiens(ctx, func(image.Ref) error {
		for _, c := range x.p.Cartes {
			p := &x.p
			x.mettre(rass.POTypeIdentifiant, p.TypeID)
			x.mettre(rass.POIdentifiant, p.Numero)
			x.mettre(rass.POIDNat, p.IDNat)
			x.mettre(rass.PONom, p.Nom)
			x.mettre(rass.POPrenom, p.Prenom)
			x.mettre(rass.POCodeProfession, p.Profession.Code)
			x.code(rass.POCodeTypeCarte, c.Type)
			x.mettre(rass.PONumero, c.Numero)
			x.jour(rass.PODebut, c.Du)
			x.jour(rass.POFin, c.Au)
			x.jour(rass.POOpposition, c.OpposeeLe)
			if err := x.poser(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *export) certificats(ctx context.Context) error {
	err := x.praticiens(ctx, func(image.Ref) error { return x.ecrireCertificats("PP", x.p.IDNat, x.p.Certificats) })
	if err != nil {
		return err
	}
	return x.chaqueStructure(ctx, func() error { return x.ecrireCertificats("STRUCTURE", idNatStructure(&x.t), x.t.Certificats) })
}

func (x *export) ecrireCertificats(sorte, idNat string, l []annuaire.Certificat) error {
	for _, c := range l {
		x.mettre(rass.CETypePorteur, sorte)
		x.mettre(rass.CEIDNat, idNat)
		x.mettre(rass.CESerie, c.Serie)
		x.mettre(rass.CEEmetteur, c.Emetteur)
		x.mettre(rass.CESujet, c.Sujet)
		x.mettre(rass.CEDomaine, c.Domaine)
		x.mettre(rass.CEUsage, c.Usage)
		x.jour(rass.CEDebut, c.Du)
		x.jour(rass.CEFin, c.Au)
		x.mettre(rass.CEDER, base64.StdEncoding.EncodeToString(c.DER))
		if err := x.poser(); err != nil {
			return err
		}
	}
	return nil
}
