package main

import (
	"context"

	"hemolift/dispatch/dispatchdb"
	"hemolift/telemetry"
	"hemolift/telemetry/gateway"
)

// credentials are the devices' secrets; another one ends the connection of the old.
type credentials struct {
	*dispatchdb.Devices
	door *gateway.MQTT
}

func (c credentials) SetDeviceSecret(ctx context.Context, id telemetry.DeviceID, secret string) error {
	if err := c.Devices.SetDeviceSecret(ctx, id, secret); err != nil {
		return err
	}
	c.door.Cut(id)
	return nil
}
