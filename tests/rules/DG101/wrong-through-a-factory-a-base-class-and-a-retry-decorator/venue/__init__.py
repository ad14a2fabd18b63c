from venue.factory import create
