# gradient_checking: denominator, missing-some-term, missing-term
# mutated: den=np.linalg.norm(D)
# truth: the denominator has only the length of the gradients, that of the approximation is not added

import numpy as np

def sigmoid(z):
    num = 1
    den = 1
    den += np.exp(-z)
    return num/den

def forward_propagation(x,y,w):
  a=w[0]*x[0]
  b=w[1]*x[1]
  c=a+b
  d=c*c
  e=d+w[5]
  f=np.exp(e)
  g=f+w[6]
  h=np.tanh(g)
  i=w[2]*x[2]
  j=np.sin(i)
  k=w[3]*x[3]
  l=w[4]*x[4]
  m=k+l
  n=j*m
  o=n+w[7]
  p=sigmoid(o)
  q=p*w[8]
  r=h+q
  s=y-r
  t=s*s
  u=2*s*-1
  return {'exp':f,'tanh':h,'sigmoid':p,'loss':t,'dy_pr':u,'c':c,'i':i,'j':j,'m':m}

def backward_propagation(x,w,fd):
  # same letters as in forward, D in front
  f,h,p=fd['exp'],fd['tanh'],fd['sigmoid']
  c,i,j,m=fd['c'],fd['i'],fd['j'],fd['m']
  Dr=fd['dy_pr']
  Dh=Dr
  Dq=Dr
  Dp=Dq*w[8]
  Do=Dp*p*(1-p)
  Dn=Do
  Dm=Dn*j
  Dj=Dn*m
  Di=Dj*np.cos(i)
  Dg=Dh*(1-h*h)
  Df=Dg
  De=Df*f
  Dd=De
  Dc=Dd*2*c
  return {'dw1':Dc*x[0],'dw2':Dc*x[1],'dw3':Di*x[2],'dw4':Dm*x[3],'dw5':Dm*x[4],'dw6':De,'dw7':Dg,'dw8':Do,'dw9':Dq*p}

def gradient_checking(x,y,w,eps=1e-7):
  D=backward_propagation(x,w,forward_propagation(x,y,w))
  D=np.array([D['dw'+str(i)] for i in range(1,10)])
  A=np.zeros(9)
  for i in range(9):
    wp=np.array(w,dtype=float);wm=np.array(w,dtype=float)
    wp[i]+=eps
    wm[i]-=eps
    A[i]=(forward_propagation(x,y,wp)['loss']-forward_propagation(x,y,wm)['loss'])/(2*eps)
  num=np.linalg.norm(D-A)
  den=np.linalg.norm(D)
  return num/den
