package serveur

import (
	"net"
	"net/http"
	"runtime/pprof"
	"strconv"
	"time"
)

// profilMax bounds a profile, under the time that the server has to answer.
const profilMax = 50

// direProfil gives the processor profile of the process over some seconds. It is
// only there in a laboratory, on the loopback.
func direProfil(w http.ResponseWriter, r *http.Request) {
	s, err := strconv.Atoi(r.URL.Query().Get("secondes"))
	if err != nil || s < 1 || s > profilMax {
		http.Error(w, "secondes : de 1 à "+strconv.Itoa(profilMax), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := pprof.StartCPUProfile(w); err != nil {
		http.Error(w, "un profil est déjà en cours", http.StatusConflict)
		return
	}
	defer pprof.StopCPUProfile()
	select {
	case <-time.After(time.Duration(s) * time.Second):
	case <-r.Context().Done():
	}
}

// surBoucle tells whether an address listens on the loopback only.
func surBoucle(adresse string) bool {
	hote, _, err := net.SplitHostPort(adresse)
	if err != nil {
		return false
	}
	ip := net.ParseIP(hote)
	return hote == "localhost" || ip != nil && ip.IsLoopback()
}
