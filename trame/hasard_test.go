package trame

import (
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
)

// Generators of valid messages, the strangest values included.

func texteAuHasard(bas, haut int) *rapid.Generator[string] {
	rune := rapid.OneOf(
		rapid.SampledFrom([]rune("aZ0 \t\n\r&<>\"'\\/]é\u0301œ€\u2028\uFFFD\uE000😀")),
		rapid.RuneFrom([]rune("abc")),
	)
	return rapid.StringOfN(rune, bas, haut, -1)
}

func instantAuHasard(t *rapid.T) time.Time {
	return time.UnixMilli(rapid.Int64Range(-62135596799999, 253402300799999).Draw(t, "ms")).UTC()
}

func jourAuHasard(t *rapid.T) sante.Jour {
	return sante.Jour(rapid.IntRange(int(sante.JourDe(1800, 1, 1)), int(sante.JourDe(9999, 12, 31))).Draw(t, "jour"))
}

func montantAuHasard(t *rapid.T) sante.Montant {
	return sante.Montant(rapid.Int64Range(-int64(sante.MontantMax), int64(sante.MontantMax)).Draw(t, "centimes"))
}

func peutEtre[V any](t *rapid.T, f func(*rapid.T) V) *V {
	if !rapid.Bool().Draw(t, "dit") {
		return nil
	}
	v := f(t)
	return &v
}

func codeAuHasard(t *rapid.T) Sens { return Sens(rapid.SampledFrom(Sens("").Codes()).Draw(t, "sens")) }

func enteteAuHasard(t *rapid.T) Entete {
	e := Entete{Norme: texteAuHasard(1, 20).Draw(t, "norme"), Sens: codeAuHasard(t), Horodatage: instantAuHasard(t)}
	if f := peutEtre(t, instantAuHasard); f != nil {
		e.Ferme = *f
	}
	return e
}

func ligneAuHasard(t *rapid.T) Ligne {
	return Ligne{
		Rang: rapid.IntRange(1, 200).Draw(t, "rang"), Montant: montantAuHasard(t),
		Base: peutEtre(t, montantAuHasard), Taux: sante.Taux(rapid.IntRange(0, int(sante.TauxMax)).Draw(t, "taux")),
		Libelle: texteAuHasard(0, 40).Draw(t, "libelle"), Gratuit: peutEtre(t, func(t *rapid.T) bool { return rapid.Bool().Draw(t, "gratuit") }),
		Quantite: peutEtre(t, func(t *rapid.T) int { return rapid.IntRange(0, 999).Draw(t, "quantite") }),
	}
}

// extensions are contents as others would write them, on both faces.
var extensions = []string{
	"", `<x xmlns="urn:a"/>`, `<a:x xmlns:a="urn:a" a:c="2" b="&#9;&quot;é"><a:y/> t&amp;<!-- c --></a:x> <b xmlns="urn:b"><a:c xmlns:a="urn:c">]]&gt;</a:c></b>`,
	`{}`, `{"b": 1.50, "a": ["<", "\u00e9\r\n", null, true]}`, `<p:x xmlns:p="urn:p"><p:x xmlns:p="urn:q"/><p:x/></p:x>`,
}

func extensionAuHasard(t *rapid.T) Extension {
	s := rapid.SampledFrom(extensions).Draw(t, "extension")
	var e Extension
	var err error
	switch {
	case s == "":
	case s[0] == '{':
		e, err = ExtensionJSON([]byte(s))
	default:
		e, err = ExtensionXML([]byte(s))
	}
	if err != nil {
		t.Fatal(s, err)
	}
	return e
}

func choixAuHasard(t *rapid.T) Choix {
	var c Choix
	if c.Prevu = peutEtre(t, montantAuHasard); c.Prevu == nil {
		c.Reels = rapid.SliceOfN(rapid.Custom(montantAuHasard), 1, 2).Draw(t, "reels")
	}
	if rapid.Bool().Draw(t, "avant") {
		c.Avant, _ = sante.ParseNumeroAdherent(rapid.StringMatching(`[!-~]{1,10}`).Draw(t, "adherent"))
	} else {
		c.Apres = instantAuHasard(t)
	}
	c.Adherent, _ = sante.ParseNumeroAdherent(rapid.StringMatching(`[!-~]([ -~]{0,18}[!-~])?`).Draw(t, "adherent"))
	c.Caisse = Caisse(rapid.StringMatching(`([0-9]{3,9}(\.[0-9]{2})?)?`).Draw(t, "caisse"))
	return c
}

func messageAuHasard() *rapid.Generator[*Message[Corps]] {
	return rapid.Custom(func(t *rapid.T) *Message[Corps] {
		m := &Message[Corps]{Enveloppe: enteteAuHasard(t)}
		if rapid.IntRange(0, 9).Draw(t, "chiffre") == 0 {
			m.CorpsChiffre = texteAuHasard(1, 60).Draw(t, "corpsChiffre")
			return m
		}
		c := &Corps{
			Commun: Commun{Jour: jourAuHasard(t)}, Type: Rang(rapid.IntRange(0, 2).Draw(t, "type")),
			Ald: rapid.Bool().Draw(t, "ald"), Urgence: rapid.Bool().Draw(t, "urgence"),
			Compteur: rapid.Int64Range(-maxEntier, maxEntier).Draw(t, "compteur"),
			Commen:   texteAuHasard(0, 60).Draw(t, "commentaire"),
			Conjoint: peutEtre(t, enteteAuHasard), Choix: peutEtre(t, choixAuHasard), Extension: extensionAuHasard(t),
			Lignes: rapid.SliceOfN(rapid.Custom(ligneAuHasard), 1, 4).Draw(t, "lignes"),
		}
		if rapid.Bool().Draw(t, "site") {
			c.Site, _ = sante.ParseFINESS(rapid.SampledFrom([]string{"750000002", "2A0000006"}).Draw(t, "finess"))
		}
		for range rapid.IntRange(0, 2).Draw(t, "empreintes") {
			c.Pins = append(c.Pins, Empreinte(rapid.StringMatching(`[0-9a-f]{8}`).Draw(t, "empreinte")))
		}
		if n := rapid.IntRange(1, 3).Draw(t, "services"); n > 1 {
			for range n {
				c.Services = append(c.Services, codeAuHasard(t))
			}
		}
		m.Corps = c
		return m
	})
}
