//go:build race

package cueplan

// raceDetector multiplies time and memory by five to ten.
const raceDetector = true
