package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// MaxLegM is the longest geodesic that Distance and Inverse accept. Vincenty's
// iteration converges everywhere below it.
const MaxLegM = 15_000_000

const vincentyRounds = 200

// Distance returns the length in metres of the shortest path between a and b
// over the WGS 84 ellipsoid, ignoring height. Points are lon/lat in degrees.
func Distance(a, b orb.Point) float64 {
	d, _ := Inverse(a, b)
	return d
}

// Inverse returns the geodesic's length in metres and its initial bearing in
// degrees, from a to b. The bearing of two equal points is 0.
//
// Method: Vincenty's inverse solution (Survey Review XXIII, 176, 1975), within
// 1 mm. It panics for nearly antipodal points, which no leg of ours can join.
func Inverse(a, b orb.Point) (distM, bearingDeg float64) {
	if a == b {
		return 0, 0
	}
	l := radians(b.Lon() - a.Lon())
	u1 := math.Atan((1 - Flattening) * math.Tan(radians(a.Lat())))
	u2 := math.Atan((1 - Flattening) * math.Tan(radians(b.Lat())))
	sinU1, cosU1 := math.Sincos(u1)
	sinU2, cosU2 := math.Sincos(u2)
	lambda := l
	for range vincentyRounds {
		sinL, cosL := math.Sincos(lambda)
		sinSigma := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinSigma == 0 {
			return 0, 0
		}
		cosSigma := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinSigma, cosSigma)
		sinAlpha := cosU1 * cosU2 * sinL / sinSigma
		cos2Alpha := 1 - sinAlpha*sinAlpha
		cos2SigmaM := 0.0
		if cos2Alpha > 0 {
			cos2SigmaM = cosSigma - 2*sinU1*sinU2/cos2Alpha
		}
		next := l + longitudeExcess(sinAlpha, cos2Alpha, sigma, sinSigma, cosSigma, cos2SigmaM)
		if math.Abs(next-lambda) < 1e-12 {
			s := arcLength(cos2Alpha, sigma, sinSigma, cosSigma, cos2SigmaM)
			az := math.Atan2(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
			return s, Bearing360(degrees(az))
		}
		lambda = next
	}
	panic("geo: points are nearly antipodal")
}

// Direct returns the point reached from a over distM metres at the initial
// bearing, by Vincenty's direct solution of the same paper.
func Direct(a orb.Point, bearingDeg, distM float64) orb.Point {
	if distM == 0 {
		return a
	}
	sinA1, cosA1 := math.Sincos(radians(bearingDeg))
	tanU1 := (1 - Flattening) * math.Tan(radians(a.Lat()))
	cosU1 := 1 / math.Hypot(1, tanU1)
	sinU1 := tanU1 * cosU1
	sigma1 := math.Atan2(tanU1, cosA1)
	sinAlpha := cosU1 * sinA1
	cos2Alpha := 1 - sinAlpha*sinAlpha
	capA, capB := vincentySeries(cos2Alpha)
	sigma := distM / (polarRadiusM * capA)
	var sinSigma, cosSigma, cos2SigmaM float64
	for range vincentyRounds {
		cos2SigmaM = math.Cos(2*sigma1 + sigma)
		sinSigma, cosSigma = math.Sincos(sigma)
		next := distM/(polarRadiusM*capA) + deltaSigma(capB, sinSigma, cosSigma, cos2SigmaM)
		done := math.Abs(next-sigma) < 1e-13
		sigma = next
		if done {
			break
		}
	}
	sinSigma, cosSigma = math.Sincos(sigma)
	cos2SigmaM = math.Cos(2*sigma1 + sigma)
	lat := math.Atan2(sinU1*cosSigma+cosU1*sinSigma*cosA1,
		(1-Flattening)*math.Hypot(sinAlpha, sinU1*sinSigma-cosU1*cosSigma*cosA1))
	lambda := math.Atan2(sinSigma*sinA1, cosU1*cosSigma-sinU1*sinSigma*cosA1)
	l := lambda - longitudeExcess(sinAlpha, cos2Alpha, sigma, sinSigma, cosSigma, cos2SigmaM)
	lon := math.Mod(a.Lon()+degrees(l)+540, 360) - 180
	return orb.Point{lon, degrees(lat)}
}

// longitudeExcess is lambda minus L, equations 10 and 11 of the paper.
func longitudeExcess(sinAlpha, cos2Alpha, sigma, sinSigma, cosSigma, cos2SigmaM float64) float64 {
	c := Flattening / 16 * cos2Alpha * (4 + Flattening*(4-3*cos2Alpha))
	return (1 - c) * Flattening * sinAlpha *
		(sigma + c*sinSigma*(cos2SigmaM+c*cosSigma*(2*cos2SigmaM*cos2SigmaM-1)))
}

func arcLength(cos2Alpha, sigma, sinSigma, cosSigma, cos2SigmaM float64) float64 {
	capA, capB := vincentySeries(cos2Alpha)
	return polarRadiusM * capA * (sigma - deltaSigma(capB, sinSigma, cosSigma, cos2SigmaM))
}

// vincentySeries returns A and B, equations 3 and 4.
func vincentySeries(cos2Alpha float64) (capA, capB float64) {
	uSq := cos2Alpha * (EquatorialRadiusM*EquatorialRadiusM - polarRadiusM*polarRadiusM) / (polarRadiusM * polarRadiusM)
	capA = 1 + uSq/16384*(4096+uSq*(-768+uSq*(320-175*uSq)))
	capB = uSq / 1024 * (256 + uSq*(-128+uSq*(74-47*uSq)))
	return capA, capB
}

// deltaSigma is equation 6.
func deltaSigma(capB, sinSigma, cosSigma, cos2SigmaM float64) float64 {
	return capB * sinSigma * (cos2SigmaM + capB/4*(cosSigma*(2*cos2SigmaM*cos2SigmaM-1)-
		capB/6*cos2SigmaM*(4*sinSigma*sinSigma-3)*(4*cos2SigmaM*cos2SigmaM-3)))
}

// PathLength returns the sum of the distances in metres from point to point of a path,
// lon/lat in degrees, over the ellipsoid; 0 for fewer than two points.
func PathLength(path []orb.Point) float64 {
	var sum float64
	for i := 1; i < len(path); i++ {
		sum += Distance(path[i-1], path[i])
	}
	return sum
}
