package web

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"hemolift/dispatch"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry/tables"
	"hemolift/web/api"
)

// laying implements the operations of the network's files.
type laying struct{ *Server }

// maxFiles bounds a network's files together, in bytes: the zones of a province fit.
const maxFiles = 16 << 20

func (h laying) GetNetworkFiles(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpReadFiles, http.StatusOK, func(a member) (any, error) {
		files, version, err := h.Dispatcher.NetworkFiles(r.Context(), a.Actor())
		if err != nil {
			return nil, err
		}
		v := api.NetworkFiles{Version: version, Files: api.FileTexts(files), Profiles: profilesNamed(h.Dispatcher.Profiles())}
		return v, h.exported(r, a, "network", "files")
	})
}

func (h laying) ChangeNetwork(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpChangeNetwork, http.StatusOK, func(a member) (any, error) {
		var body api.ChangeNetwork
		if _, err := decodeUpTo(w, r, maxFiles, &body); err != nil {
			return nil, err
		}
		preview := given(body.Preview)
		if err := confirmed(r); err != nil && !preview { // to look changes nothing
			return nil, err
		}
		out, err := h.Dispatcher.ChangeNetwork(r.Context(), a.Actor(), dispatch.NetworkChange{
			Files: network.Files(body.Files), Version: given(body.Version), Reason: given(body.Reason), Preview: preview,
		})
		var faults tables.Faults
		switch found := errors.As(err, &faults); {
		case found && preview:
			err = nil
		case found:
			return nil, fieldError{"files", faultsTold(faults)}
		}
		return changedView(out, faults), err
	})
}

// toldFaults is how many faults a refusal tells.
const toldFaults = 10

func faultsTold(faults tables.Faults) string {
	return strings.ReplaceAll(faults[:min(len(faults), toldFaults)].Error(), "\n", "; ")
}

func changedView(c dispatch.NetworkChanged, faults tables.Faults) api.NetworkChanged {
	return api.NetworkChanged{
		Version: c.Version, Faults: faultViews(faults), Differences: differenceViews(c.Differences), Touched: touchedViews(c.Touched),
	}
}

// profilesNamed are the profiles that a box may be judged by, in the order of their ids.
func profilesNamed(set network.Profiles) []api.NamedProfile {
	list := []api.NamedProfile{}
	for _, id := range slices.Sorted(maps.Keys(set)) {
		p := set[id]
		if !p.HasRange() {
			continue
		}
		v := profileView("", p)
		list = append(list, api.NamedProfile{Id: v.Id, Standard: v.Standard, LowC: v.LowC, HighC: v.HighC})
	}
	return list
}
