package policy

import "context"

// CrossCheck evaluates TNR004 and TNR008 as policies/tnr states them, and
// returns the violations of each in words, sorted; nil means that it holds in
// this state. Tests compare it with the Go of verifier/tnr, so that policies
// and properties see one world; it decides nothing else.
func (s *Set) CrossCheck(ctx context.Context, in StateInput) (tnr004, tnr008 []string, err error) {
	input, v := s.stateDoc(in), s.view(in.Start)
	for _, r := range s.checks {
		found, err := s.one(ctx, r, input, v)
		if err != nil {
			return nil, nil, err
		}
		for _, d := range found {
			switch r.ID {
			case "TNR004":
				tnr004 = append(tnr004, d.Message)
			case "TNR008":
				tnr008 = append(tnr008, d.Message)
			}
		}
	}
	return tnr004, tnr008, nil
}
