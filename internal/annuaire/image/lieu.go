package image

import (
	"encoding/binary"
	"math"
)

// zone are the squares that a circle may touch.
type zone struct{ sud, nord, ouest, est uint32 }

const metresParDegre = 111_320.0

func zoneDe(latitude, longitude, rayon int32) zone {
	dLat := float64(rayon) / metresParDegre * 1e6
	cos := math.Cos(float64(latitude) / 1e6 * math.Pi / 180)
	dLon := dLat / max(cos, 0.01)
	borne := func(v, decalage, max float64) uint32 {
		return uint32(math.Min(math.Max(v+decalage, 0), max) / coteCarre)
	}
	return zone{
		sud:   borne(float64(latitude)-dLat, 90e6, 180e6),
		nord:  borne(float64(latitude)+dLat, 90e6, 180e6),
		ouest: borne(float64(longitude)-dLon, 180e6, 360e6),
		est:   borne(float64(longitude)+dLon, 180e6, 360e6),
	}
}

func bornesCarre(y, x uint32) string {
	return string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, y), x))
}

// Distance is how far two points are, in metres, on a sphere. Points are in
// millionths of a degree.
func Distance(lat1, lon1, lat2, lon2 int32) float64 {
	const rad = math.Pi / 180 / 1e6
	a, b := float64(lat1)*rad, float64(lat2)*rad
	s1 := math.Sin((b - a) / 2)
	s2 := math.Sin(float64(lon2-lon1) * rad / 2)
	h := s1*s1 + math.Cos(a)*math.Cos(b)*s2*s2
	return 2 * 6_371_000 * math.Asin(math.Min(1, math.Sqrt(h)))
}
