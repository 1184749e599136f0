package front

import (
	"net/http"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// champMax bounds one field of the form, in bytes.
const champMax = 200

func champ(r *http.Request, nom string) string {
	s := r.PostFormValue(nom)
	return s[:min(len(s), champMax)]
}

func lireFormulaire(r *http.Request) pupitre.Formulaire {
	f := pupitre.Formulaire{
		Etablissement: champ(r, "etablissement"), Patient: champ(r, "patient"), Face: champ(r, "face"), Service: champ(r, "service"),
		Passage: champ(r, "passage"), Date: champ(r, "date"), NumeroAMC: champ(r, "numeroAMC"), NumeroAdherent: champ(r, "numeroAdherent"),
		NomNaissance: champ(r, "nomNaissance"), Prenom: champ(r, "prenom"), Naissance: champ(r, "naissance"),
		Nature: champ(r, "nature"), ExoTM: champ(r, "exoTM"), IDReponseIDB: champ(r, "idReponseIDB"),
		Sortie: champ(r, "sortie"), Discipline: champ(r, "discipline"), Tarif: champ(r, "tarif"), Chambre: champ(r, "chambre"),
	}
	for i := range f.Actes {
		n := strconv.Itoa(i)
		f.Actes[i] = pupitre.ActeSaisi{Famille: champ(r, "famille"+n), Code: champ(r, "code"+n), Base: champ(r, "base"+n), Depense: champ(r, "depense"+n)}
	}
	return f
}

func lireBrut(r *http.Request) pupitre.Formulaire {
	return pupitre.Formulaire{Etablissement: champ(r, "etablissement"), Face: champ(r, "face"),
		Brut: r.PostFormValue("brut"), Sceller: r.PostFormValue("sceller") == "oui"}
}
