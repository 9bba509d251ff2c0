//go:build !race

package cueplan

const raceDetector = false
